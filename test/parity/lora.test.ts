import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parameter } from '../../src-main/engine/parameters.ts'
import { floats } from '../../src-main/engine/runtimes/runtime.ts'
import { runOnce, runtimes } from '../../src-main/engine/testing/programs.ts'
import { llama } from '../../src-main/language/llama.ts'
import { LORA_TARGETS, loraSpecs, mergeLora } from '../../src-main/language/lora.ts'
import { HUGGING_FACE_NAMES } from '../../src-main/language/weights/llama-weights.ts'
import { readAdapter, writeAdapter } from '../../src-main/language/weights/peft.ts'
import { temporaryFolder } from '../fakes/temporary-folder.ts'
import { adamwSchema, loadModel, type Model, normsOf, savedName, shiftedLabels, trainDecoder } from './decoder.ts'
import { describeReference, referenceCase } from './reference.ts'
import { hostTensor } from './tensors.ts'

const caseSchema = z.object({
  params: z.object({
    r: z.int(),
    lora_alpha: z.number(),
    target_modules: z.array(z.string()),
    adamw: adamwSchema,
  }),
})

describeReference('lora', (reference) => {
  const { r, lora_alpha, target_modules, adamw } = reference.read(caseSchema).params
  const base = referenceCase('llama-tiny')
  const tokens = hostTensor(base.input('input_ids'))
  const adapterFolder = join(reference.directory, 'adapter')
  const isAdapter = (name: string) => /\.lora_[ab]$/.test(name)
  /** What the adapter file calls one of our parameters. */
  const adapterName = (ours: string) =>
    `base_model.model.${savedName(ours.replace(/\.lora_[ab]$/, '')).replace(/weight$/, '')}lora_${ours.endsWith('a') ? 'A' : 'B'}.weight`

  async function adaptedModel(): Promise<Model> {
    const model = await loadModel(join(base.directory, 'untied'))
    const adapter = await readAdapter(adapterFolder)
    return {
      ...model,
      shape: { ...model.shape, loraAlpha: adapter.alpha },
      parameters: { ...model.parameters, ...adapter.parameters },
    }
  }

  it('reads the adapter that the specs describe, and α', async () => {
    const { shape } = await adaptedModel()
    const targets = LORA_TARGETS.filter((target) =>
      target_modules.some((module) => HUGGING_FACE_NAMES[target].endsWith(`.${module}`)),
    )
    expect(targets).toHaveLength(target_modules.length)
    const { alpha, parameters } = await readAdapter(adapterFolder)
    expect(alpha).toBe(lora_alpha)
    const shapes = (tensors: Record<string, { shape: readonly number[] }>) =>
      Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, [...shape]]))
    expect(shapes(parameters)).toEqual(shapes(loraSpecs(shape, { rank: r, targets })))
  })

  it('reads what it wrote', async () => {
    const folder = temporaryFolder()
    const adapter = await readAdapter(adapterFolder)
    await writeAdapter(folder, adapter)
    expect(await readAdapter(folder)).toEqual(adapter)
  })

  it('merges the adapter into the weights', async () => {
    const { parameters, shape } = await adaptedModel()
    const merged = mergeLora(parameters, shape.loraAlpha ?? Number.NaN)
    expect(Object.keys(merged).filter(isAdapter)).toEqual([])
    const names = reference.names('expected', 'merged.')
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) {
      const [ours] = Object.keys(merged).filter((each) => name === `merged.${savedName(each)}`)
      reference.expectTensor(name, parameter(merged, ours ?? name).data)
    }
  })

  describe.each(runtimes)('on $name', (runtime) => {
    it('gives logits, loss, gradients of A and B alone, and the losses of training them', async () => {
      const wanted = reference.expected('train_losses').floats
      const given = { tokens, labels: shiftedLabels(base) }
      const got = await trainDecoder(runtime, await adaptedModel(), given, adamw, wanted.length, isAdapter)
      reference.expectTensor('logits', got.logits)
      reference.expectScalar('loss', got.losses[0] as number)
      reference.expectScalar('grad_norms', normsOf(got.gradients, adapterName))
      for (const name of reference.names('expected', 'grad.')) {
        const [ours] = Object.keys(got.gradients).filter((each) => name === `grad.${adapterName(each)}`)
        reference.expectTensor(name, parameter(got.gradients, ours ?? name))
      }
      reference.expectTensor('train_losses', got.losses)
      reference.expectScalar('trained_norms', normsOf(got.trained, adapterName))
    })

    it('gives the same logits after merging', async () => {
      const { parameters, shape } = await adaptedModel()
      const merged = mergeLora(parameters, shape.loraAlpha ?? Number.NaN)
      const got = await runOnce(runtime, { ...merged, tokens }, (tensors) => ({
        logits: llama(tensors, parameter(tensors, 'tokens'), shape),
      }))
      reference.expectTensor('merged_logits', floats(got, 'logits'))
    })
  })
})
