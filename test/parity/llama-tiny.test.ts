import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parameter } from '../../src-main/engine/parameters.ts'
import { floats } from '../../src-main/engine/runtimes/runtime.ts'
import { runOnce, runtimes } from '../../src-main/engine/testing/programs.ts'
import { openDecoder } from '../../src-main/language/decoder.ts'
import { generate } from '../../src-main/language/generate.ts'
import { llama, llamaSpecs, type Padding } from '../../src-main/language/llama.ts'
import { GREEDY } from '../../src-main/language/sampling.ts'
import { readConfig } from '../../src-main/language/weights/hugging-face-config.ts'
import {
  adamwSchema,
  continueGreedily,
  loadModel,
  normsOf,
  positionsOf,
  savedName,
  shiftedLabels,
  trainDecoder,
} from './decoder.ts'
import { describeReference, type ReferenceTensor } from './reference.ts'
import { hostTensor } from './tensors.ts'

const caseSchema = z.object({
  params: z.object({ adamw: adamwSchema, new_tokens: z.int() }),
  files: z.record(z.string(), z.array(z.string())),
})

describeReference('llama-tiny', (reference) => {
  const { params, files } = reference.read(caseSchema)
  const model = (folder: string) => loadModel(join(reference.directory, folder))
  const tokens = hostTensor(reference.input('input_ids'))
  const length = tokens.shape[1] as number
  /** Rows of an integer tensor [B, L]. */
  const rowsOf = ({ integers }: ReferenceTensor): number[][] =>
    Array.from({ length: integers.length / length }, (_, row) => [...integers.slice(row * length, (row + 1) * length)])
  const prompts = rowsOf(reference.input('input_ids'))
  const json = (folder: string, file: string): unknown =>
    JSON.parse(readFileSync(join(reference.directory, folder, file), 'utf8'))

  describe('the model folders', () => {
    it.each(Object.keys(files))('%s has the parameters of the specs', async (folder) => {
      const { shape, vocabulary, parameters } = await model(folder)
      const shapes = (tensors: Record<string, { shape: readonly number[] }>) =>
        Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))
      expect(shapes(parameters)).toEqual(shapes(llamaSpecs(shape, vocabulary)))
    })

    it.each(Object.keys(files).filter((folder) => files[folder]?.includes('config.transformers4.json')))(
      '%s says the same in the layouts of transformers 4 and 5',
      (folder) => {
        const older = readConfig('older', json(folder, 'config.transformers4.json'))
        expect(older).toEqual(readConfig('newer', json(folder, 'config.json')))
      },
    )

    it('gives the same weights from one file and from several', async () => {
      expect((await model('sharded')).parameters).toEqual((await model('untied')).parameters)
    })

    it('widens bfloat16 to the float32 nearest below or above', async () => {
      const [whole, halved] = [(await model('untied')).parameters, (await model('bf16')).parameters]
      // Seven bits of fraction: half a unit in the last place is 2^-8 of the value.
      for (const [name, { data }] of Object.entries(whole)) {
        const widened = halved[name]?.data
        const wrong = data.findIndex(
          (value, at) => !(Math.abs((widened?.[at] ?? Number.NaN) - value) <= Math.abs(value) / 256),
        )
        expect(wrong, name).toBe(-1)
      }
    })
  })

  describe.each(runtimes)('on $name', (runtime) => {
    it.each(['untied', 'tied'])(
      '%s: gives logits, masked loss, gradients and the losses of training',
      async (folder) => {
        const wanted = reference.expected(`${folder}.train_losses`).floats
        const given = { tokens, labels: shiftedLabels(reference) }
        const got = await trainDecoder(runtime, await model(folder), given, params.adamw, wanted.length)
        reference.expectTensor(`${folder}.logits`, got.logits)
        reference.expectScalar(`${folder}.loss`, got.losses[0] as number)
        reference.expectScalar(`${folder}.grad_norms`, normsOf(got.gradients, savedName))
        for (const name of reference.names('expected', `${folder}.grad.`)) {
          const [ours] = Object.keys(got.gradients).filter((each) => name.endsWith(`.grad.${savedName(each)}`))
          reference.expectTensor(name, parameter(got.gradients, ours ?? name))
        }
        reference.expectTensor(`${folder}.train_losses`, got.losses)
        reference.expectScalar(`${folder}.trained_norms`, normsOf(got.trained, savedName))
      },
    )

    it('gives the logits of bfloat16 weights', async () => {
      const { shape, parameters } = await model('bf16')
      const got = await runOnce(runtime, { ...parameters, tokens }, (tensors) => ({
        logits: llama(tensors, parameter(tensors, 'tokens'), shape),
      }))
      reference.expectTensor('bf16.logits', floats(got, 'logits'))
    })

    it.each(['untied', 'tied'])('%s: continues prompts greedily', async (folder) => {
      const got = await continueGreedily(runtime, await model(folder), prompts, params.new_tokens)
      reference.expectTensor(`${folder}.generated`, got.tokens.flat())
    })

    // TensorFlow's operations keep no cache.
    it.skipIf(runtime.name.startsWith('tensorflow'))('continues prompts greedily with a key-value cache', async () => {
      for (const folder of ['untied', 'tied']) {
        const { shape, parameters } = await model(folder)
        const batch = prompts.length
        const context = Math.max(...prompts.map(({ length }) => length)) + params.new_tokens
        const decoder = await openDecoder(runtime, { held: parameters }, { shape, batch, context })
        const produced = prompts.map((): number[] => [])
        const options = { sampling: GREEDY, seed: 0, newTokens: params.new_tokens }
        for await (const { sequence, token } of generate(decoder, prompts, options)) produced[sequence]?.push(token)
        await decoder.dispose()
        const whole = prompts.map((prompt, row) => [...prompt, ...(produced[row] as number[])])
        reference.expectTensor(`${folder}.generated`, whole.flat())
      }
    })

    it('gives the same logits and continuations to a sequence padded on its left', async () => {
      const untied = await model('untied')
      const mask = reference.input('left_attention_mask')
      const positions = reference.input('left_position_ids')
      expect([...positionsOf(mask.integers, length)]).toEqual([...positions.integers])
      const inputs = { ...untied.parameters, tokens, mask: hostTensor(mask), positions: hostTensor(positions) }
      const got = await runOnce(runtime, inputs, (tensors) => ({
        logits: llama(tensors, parameter(tensors, 'tokens'), untied.shape, tensors as unknown as Padding),
      }))
      const logits = floats(got, 'logits')
      const real = logits.map((value, at) => value * (mask.integers[Math.floor(at / untied.vocabulary)] as number))
      reference.expectTensor('untied.left_logits', real)
      const seen = rowsOf(mask)
      const continued = await continueGreedily(runtime, untied, prompts, params.new_tokens, seen)
      reference.expectTensor('untied.left_generated', continued.tokens.flat())
    })
  })
})
