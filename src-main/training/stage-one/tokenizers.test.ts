import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { codeMapSides, rowsOfLayer } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { StoredTensor, TensorFile } from '../../../src-shared/safetensors.ts'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import { askAfter, tinyConfig } from '../../../test/fixtures/tiny-experiment.ts'
import { never, tinyTraining } from '../../../test/fixtures/tiny-training.ts'
import { VIT_PARAMETERS } from '../../tokenizers/encoder.ts'
import { readVitWeights } from '../../tokenizers/vit-weights.ts'
import { openTrainedTokenizer } from '../trained-tokenizer.ts'
import { CODES, SUMS } from './state.ts'

const train = tinyTraining()

const floats = (file: TensorFile, name: string): Float32Array => file.tensors[name]?.data as Float32Array

const few = { steps: 4, evaluateEvery: 4, sampleEvery: 4, checkpointEvery: 4 }
/** An independent codebook, or one for each layer. */
const independent = (config: ExperimentConfig, codebook: object) => {
  Object.assign(config.codebook, { paradigm: 'independent', size: 10, ...codebook })
  Object.assign(config.training, few)
  config.language.ratio = 0
}

const kinds = [
  { tokenizer: { kind: 'rq', layers: 4 }, codebook: { shared: false, width: 6 } },
  { tokenizer: { kind: 'hq', layers: 3 }, codebook: { shared: true, width: 32 } },
  { tokenizer: { kind: 'hq', layers: 3, resampling: 'strided' }, codebook: { shared: false, width: 5 } },
  { tokenizer: { kind: 'vqvae2', layers: 3 }, codebook: { shared: false } },
  { tokenizer: { kind: 'spae', layers: 5 }, codebook: { shared: true } },
] as const

describe('tokenizers of any number of layers', { timeout: 120_000 }, () => {
  it.each(kinds)('$tokenizer of $codebook is trained, opened and exported', async ({ tokenizer, codebook }) => {
    const config = tinyConfig((own) => {
      Object.assign(own.tokenizer, tokenizer)
      independent(own, codebook)
    })
    const { recorder, file } = await train(config)
    const sides = codeMapSides(config)
    const rows = codebook.shared ? 10 : 10 * sides.length
    expect(file.tensors[CODES]?.shape).toEqual([rows, config.codebook.width || 16])

    const sample = recorder.samples.at(-1)?.tensors ?? {}
    const sampled = (layer: number) => sample[`codes.${layer}`] as StoredTensor
    const opened = await openTrainedTokenizer(file, config, { threads: 1, tensorflow: '' })
    const codes = await opened.encode(sample.input?.data as Uint8Array, 4)
    for (const [layer, side] of sides.entries()) {
      expect(sampled(layer).shape).toEqual([4, side, side])
      expect([...(codes[layer] as Int32Array)]).toEqual([...(sampled(layer).data as Int32Array)])
      expect(sample[`usage.${layer}`]?.shape).toEqual([rows])
      const { first, end } = rowsOfLayer(config, layer, rows)
      expect((codes[layer] as Int32Array).every((code) => code >= first && code < end)).toBe(true)
    }
    expect(await opened.decode(codes, 4)).toEqual(sample.reconstruction?.data)
    // A code of another layer's codebook is none of this one's.
    const strange = codes.with(1, (codes[1] as Int32Array).with(0, codebook.shared ? rows : 0))
    await expect(opened.decode(strange, 4)).rejects.toThrow('at place 0; codes run from')

    const folder = temporaryFolder()
    await opened.exportOnnx(folder, false)
    await opened.dispose()
    expect(
      readFileSync(join(folder, readdirSync(folder).find((name) => /readme/i.test(name)) as string), 'utf8'),
    ).toContain(`codes.${sides.length - 1}`)
    const decoder = await InferenceSession.create(join(folder, 'decoder.onnx'))
    const feeds = Object.fromEntries(
      sides.map((side, layer) => [
        `codes.${layer}`,
        new Tensor('int32', (codes[layer] as Int32Array).subarray(0, side * side), [1, side, side]),
      ]),
    )
    const { reconstruction } = await decoder.run(feeds)
    await decoder.release()
    const pixels = sample.reconstruction?.data as Uint8Array
    for (const [at, value] of ((reconstruction as Tensor).data as Float32Array).entries())
      expect(Math.abs(Math.min(255, Math.max(0, (value + 1) * 127.5)) - (pixels[at] as number))).toBeLessThan(1)
  })

  it('restart codes of a layer’s own codebook from that layer’s vectors, and leave the other layers’ alone', async () => {
    // Every code falls below half of the mean count in a step without decay, but for those that were hit often.
    const config = tinyConfig((own) => {
      Object.assign(own.tokenizer, { kind: 'hq', layers: 2, resampling: 'pool' })
      independent(own, { shared: false, restart: 1, decay: 0, width: 4 })
      Object.assign(own.training, { steps: 1 })
    })
    const { file, recorder } = await train(config)
    const counts = floats(file, 'codebook.counts')
    // A restarted code has its layer's mean count: 4 pictures of 16 and of 64 vectors over 10 codes each.
    const restarted = recorder.events.flatMap((event) =>
      event.kind === 'metrics' && 'codebook.restarts' in event.values
        ? [event.values['codebook.restarts'] as number]
        : [],
    )
    const fresh = [...counts].filter((count, code) => Math.abs(count - (code < 10 ? 6.4 : 25.6)) < 1e-4)
    expect(restarted[0]).toBeGreaterThan(2)
    expect(fresh).toHaveLength(restarted[0] as number)
    const [codes, sums] = [floats(file, CODES), floats(file, SUMS)]
    for (const [code, count] of counts.entries())
      if (count > 0) expect(sums[code * 4] as number).toBeCloseTo((codes[code * 4] as number) * count, 2)
  })
})

describe('a pretrained encoder', { timeout: 120_000 }, () => {
  const fixture = join(import.meta.dirname, '..', '..', '..', 'test', 'fixtures', 'vit', 'vit')
  const settings = (weights: string, trains: boolean) =>
    tinyConfig((config) => {
      const vit = { patch: 4, width: 8, layers: 2, heads: 2, feedForward: 12, form: 'vit', weights, trains }
      Object.assign(config.tokenizer, { encoder: 'vit', vit: { ...config.tokenizer.vit, ...vit } })
      Object.assign(config.training, few, { checkpointEvery: 1 })
    })

  it('stays as it was read where it does not learn, and the adapter behind it learns', async () => {
    const config = settings(fixture, false)
    const { file, recorder } = await train(config)
    const { tensors } = await readVitWeights(fixture, config.tokenizer.vit, 32)
    for (const [name, { data }] of Object.entries(tensors)) {
      const own = `tokenizer.${VIT_PARAMETERS}.${name}`
      expect(floats(file, own), name).toEqual(data)
      expect(file.tensors[`adam.m.${own}`], name).toBeUndefined()
    }
    expect(floats(file, 'adam.v.tokenizer.encoder.conv_out.kernel').some((value) => value > 0)).toBe(true)
    const said = recorder.events.flatMap((event) => (event.kind === 'log' ? [event.message] : []))
    expect(said.find((message) => message.includes('the encoder starts from'))).toContain('which stay as they are')
  })

  it('learns on from what was read otherwise', async () => {
    const config = settings(fixture, true)
    const { file } = await train(config)
    const { tensors } = await readVitWeights(fixture, config.tokenizer.vit, 32)
    for (const [name, { data }] of Object.entries(tensors)) {
      const own = floats(file, `tokenizer.${VIT_PARAMETERS}.${name}`)
      expect(own, name).not.toEqual(data)
      for (const [at, value] of own.entries()) expect(Math.abs(value - (data[at] as number)), name).toBeLessThan(0.1)
    }
  })

  it('is in the checkpoint, so that a run resumes, and is opened, without the files', async () => {
    const folder = join(temporaryFolder(), 'model')
    cpSync(fixture, folder, { recursive: true })
    const config = settings(folder, false)
    const whole = await train(config)
    const begun = await train(config, askAfter(8, 'pause'))
    rmSync(folder, { recursive: true })
    const resumed = await train(config, never, begun.file)
    for (const [name, { data }] of Object.entries(whole.file.tensors))
      expect(floats(resumed.file, name), name).toEqual(data)
    const opened = await openTrainedTokenizer(resumed.file, config, { threads: 1, tensorflow: '' })
    expect(await opened.encode(new Uint8Array(32 * 32 * 3), 1)).toHaveLength(2)
    await opened.dispose()
    await expect(train(config)).rejects.toThrow(`there is no file or folder ${folder}`)
  })
})
