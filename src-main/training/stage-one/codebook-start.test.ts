import { describe, expect, it } from 'vitest'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { StoredTensor, TensorFile } from '../../../src-shared/safetensors.ts'
import { askAfter, type MemoryRecorder, tinyConfig } from '../../../test/fixtures/tiny-experiment.ts'
import { never, tinyTraining } from '../../../test/fixtures/tiny-training.ts'
import { openTrainedTokenizer } from '../trained-tokenizer.ts'
import { CODES, IDS, LANGUAGE_TABLE, SCALE } from './state.ts'

const train = tinyTraining()

/** A residual tokenizer of two layers, and a few steps. */
const small = (codebook: Partial<ExperimentConfig['codebook']>, more: (config: ExperimentConfig) => void = () => {}) =>
  tinyConfig((config) => {
    Object.assign(config.tokenizer, { kind: 'rq', layers: 2, channels: [8, 8, 8], attention: false })
    Object.assign(config.language, { stepsBefore: 1, ratio: 0 })
    Object.assign(config.training, { steps: 6, evaluateEvery: 3, sampleEvery: 3, checkpointEvery: 6 })
    Object.assign(config.codebook, codebook)
    more(config)
  })
const floats = (file: TensorFile, name: string) => file.tensors[name]?.data as Float32Array
const ints = (file: TensorFile, name: string) => file.tensors[name]?.data as Int32Array
const WIDTH = 16
const row = (table: Float32Array, at: number) => [...table.subarray(at * WIDTH, (at + 1) * WIDTH)]
const norm = (values: number[]) => Math.hypot(...values)
const values = (tensors: Record<string, StoredTensor>, name: string) => [
  ...((tensors[name] as StoredTensor).data as Int32Array),
]
const logs = ({ events }: MemoryRecorder) => events.flatMap((event) => (event.kind === 'log' ? [event.message] : []))

/** A run that is paused and resumed says and holds what one that never stopped does. */
async function expectResumable(config: ExperimentConfig, questions: number) {
  const whole = await train(config)
  const begun = await train(config, askAfter(questions, 'pause'))
  expect(begun.result.state).toBe('paused')
  const resumed = await train(config, never, begun.file)
  expect([...begun.recorder.numbers(), ...resumed.recorder.numbers()]).toEqual(whole.recorder.numbers())
  expect(resumed.file.tensors).toEqual(whole.file.tensors)
  expect([...begun.recorder.samples, ...resumed.recorder.samples]).toEqual(whole.recorder.samples)
  return { whole, resumed }
}

describe('a codebook of some of the vocabulary’s rows', { timeout: 120_000 }, () => {
  it('keeps their token ids in state, samples and the opened tokenizer, and goes on with them', async () => {
    const config = small({ rows: 'frequent', size: 12 })
    const { whole, resumed } = await expectResumable(config, 4)
    const ids = [...ints(whole.file, IDS)]
    expect(ids).toEqual(whole.recorder.ids)
    expect(resumed.recorder.ids).toEqual(ids)
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
    expect(whole.file.tensors[CODES]?.shape).toEqual([12, WIDTH])
    // Samples count rows of the codebook; people see token ids.
    const sample = whole.recorder.samples.at(-1)?.tensors ?? {}
    const tokenizer = await openTrainedTokenizer(whole.file, config, { threads: 1, tensorflow: '' })
    const maps = await tokenizer.encode(sample.input?.data as Uint8Array, 4)
    expect(maps.map((map) => [...map])).toEqual(
      [0, 1].map((layer) => values(sample, `codes.${layer}`).map((code) => ids[code])),
    )
    expect(await tokenizer.decode(maps, 4)).toEqual(sample.reconstruction?.data)
    const stranger = Array.from({ length: 99 }, (_, id) => id).find((id) => !ids.includes(id)) as number
    const wrong = maps.map((map) => map.with(0, stranger))
    await expect(tokenizer.decode(wrong, 4)).rejects.toThrow(`code ${stranger} at place 0; codes run from`)
    await tokenizer.dispose()
  })

  it('takes rows of the language model as it stands when the pictures begin', async () => {
    const config = small({ rows: 'smallest-norm', size: 10, paradigm: 'frozen', normFloor: 0.5 })
    const { file } = await train(config)
    const table = floats(file, LANGUAGE_TABLE)
    const ids = [...ints(file, IDS)]
    for (const [code, id] of ids.entries()) expect(row(floats(file, CODES), code)).toEqual(row(table, id))
    const all = Array.from({ length: table.length / WIDTH }, (_, id) => norm(row(table, id)))
    const largest = Math.max(...ids.map((id) => all[id] as number))
    const median = all.toSorted((a, b) => a - b)[all.length >> 1] as number
    const passedOver = all.filter((length, id) => length < largest && !ids.includes(id))
    for (const length of passedOver) expect(length).toBeLessThan(0.51 * median)
  })

  it('writes only the rows that are codes back to the language model under dual', async () => {
    const settings = { rows: 'random', size: 12 } as const
    const frozen = await train(small({ ...settings, paradigm: 'frozen' }))
    const dual = await train(small({ ...settings, paradigm: 'dual' }))
    const ids = [...ints(dual.file, IDS)]
    const [before, after] = [floats(frozen.file, LANGUAGE_TABLE), floats(dual.file, LANGUAGE_TABLE)]
    let changed = 0
    for (let id = 0; id < before.length / WIDTH; id++)
      if (ids.includes(id)) {
        expect(row(after, id)).toEqual(row(floats(dual.file, CODES), ids.indexOf(id)))
        if (`${row(after, id)}` !== `${row(before, id)}`) changed++
      } else expect(row(after, id)).toEqual(row(before, id))
    expect(changed).toBeGreaterThan(0)
  })

  it('is refused where it is larger than the vocabulary, with the largest that fits', async () => {
    await expect(train(small({ rows: 'random', size: 5000 }))).rejects.toThrow(
      /codebook\.size: 5000 rows are more than/,
    )
  })
})

describe('the release’s rule', { timeout: 120_000 }, () => {
  it('ends at the language model’s rows, scaled to the features, and goes on bit for bit', async () => {
    const { whole } = await expectResumable(small({ rule: 'release', tail: 0.4, restart: 0.5 }), 5)
    const { file, recorder } = whole
    const [codes, table] = [floats(file, CODES), floats(file, LANGUAGE_TABLE)]
    const scale = floats(file, SCALE)[0] as number
    for (const [at, value] of codes.entries()) expect(value).toBeCloseTo((table[at] as number) * scale, 3)
    expect(recorder.syncs).toEqual([])
    const ramps = recorder.events.flatMap((event) =>
      event.kind === 'metrics' && 'codebook.ramp' in event.values ? [event.values['codebook.ramp'] as number] : [],
    )
    expect(ramps.at(-1)).toBe(1)
    expect(ramps[0]).toBeCloseTo(1 / 3.6, 6)
    const last = recorder.samples.at(-1)?.tensors ?? {}
    expect(new Set(values(last, 'drift.rank'))).toEqual(new Set([0]))
  })

  it('gives an opened tokenizer what the last sample shows', async () => {
    const config = small({ rule: 'release', rows: 'random', size: 14 })
    const { file, recorder } = await train(config)
    const sample = recorder.samples.at(-1)?.tensors ?? {}
    const tokenizer = await openTrainedTokenizer(file, config, { threads: 1, tensorflow: '' })
    const maps = await tokenizer.encode(sample.input?.data as Uint8Array, 4)
    expect(await tokenizer.decode(maps, 4)).toEqual(sample.reconstruction?.data)
    await tokenizer.dispose()
  })
})

describe('an independent codebook', { timeout: 120_000 }, () => {
  it('begins with the centres of the first features, in books of its layers, and goes on bit for bit', async () => {
    const config = small(
      { paradigm: 'independent', size: 10, start: 'kmeans', shared: false, width: 8, restart: 0.5 },
      (own) => Object.assign(own.training, { checkpointEvery: 1 }),
    )
    const { whole } = await expectResumable(config, 3)
    expect(whole.file.tensors[CODES]?.shape).toEqual([20, 8])
    const said = logs(whole.recorder)
    for (const layer of [0, 1])
      expect(said.join('\n')).toMatch(
        new RegExp(`k-means over \\d+ vectors of \\d+ batches gave the 10 codes of layer ${layer}`),
      )
    const codes = whole.recorder.samples.at(-1)?.tensors ?? {}
    for (const code of values(codes, 'codes.0')) expect(code).toBeLessThan(10)
    for (const code of values(codes, 'codes.1')) expect(code).toBeGreaterThanOrEqual(10)
    for (const layer of [0, 1]) {
      const { data } = codes[`history.birth.${layer}`] as { data: Int32Array }
      const strangers = layer === 0 ? data.subarray(10) : data.subarray(0, 10)
      expect(strangers.every((step) => step === -1)).toBe(true)
    }
    // Usage is of a layer's own ten codes.
    const usage = whole.recorder.events.flatMap((event) =>
      event.kind === 'metrics' && 'usage.share.1' in event.values ? [event.values['usage.share.1'] as number] : [],
    )
    expect(usage.at(-1)).toBeGreaterThan(0)
    expect(usage.every((share) => share <= 1)).toBe(true)
  })

  it('says that copies stand in for centres where there are fewer vectors than codes', async () => {
    const { recorder, file } = await train(small({ paradigm: 'independent', size: 3000, start: 'kmeans' }))
    expect(logs(recorder).join('\n')).toMatch(
      /fewer vectors than codes: each vector is a code, and the other \d+ are copies/,
    )
    expect(floats(file, CODES).every(Number.isFinite)).toBe(true)
  })
})
