import { beforeAll, describe, expect, it } from 'vitest'
import { codeMapSides, flattenCodes } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { metricDefinition } from '../../../src-shared/metrics.ts'
import type { StoredTensor, TensorFile } from '../../../src-shared/safetensors.ts'
import { graphFolder } from '../../../test/fixtures/graph-folder.ts'
import { askAfter, MemoryRecorder, tinyConfig, tinyData } from '../../../test/fixtures/tiny-experiment.ts'
import { metric, never, tinyTraining } from '../../../test/fixtures/tiny-training.ts'
import type { DrawnCode } from '../../priors/sample.ts'
import type { Control } from '../recorder.ts'
import { openTrainedPrior } from '../trained-prior.ts'
import { openTrainedTokenizer, type TrainedTokenizer } from '../trained-tokenizer.ts'
import { picturesCodes } from './picture-codes.ts'
import type { Paintings } from './run.ts'
import { trainPrior } from './train.ts'

const trainTokenizer = tinyTraining()
const graphs = graphFolder()
const place = { threads: 1, tensorflow: '', graphs }

const config = (changes: (config: ExperimentConfig) => void = () => {}): ExperimentConfig =>
  tinyConfig((own) => {
    Object.assign(own.training, { steps: 2 })
    own.tokenizer.attention = false
    Object.assign(own.prior, {
      ...{ steps: 6, kind: 'hq', width: 8, layers: 1, heads: 2, feedForward: 16, depthLayers: 1 },
      ...{ classes: 'group', batchSize: 3, evaluateEvery: 3, checkpointEvery: 4, paintings: 2 },
    })
    changes(own)
  })

/** The tiny pictures in two groups, of which training knows one alone. */
const { pictures: squares } = tinyData()
const pictures = {
  ...squares,
  pictures: squares.pictures.map((picture, index) => ({ ...picture, group: index < 12 ? 'shapes' : 'other shapes' })),
}

describe('training a prior', { timeout: 120_000 }, () => {
  let stageOne: TensorFile
  let tokenizer: TrainedTokenizer
  beforeAll(async () => {
    stageOne = (await trainTokenizer(config())).file
    tokenizer = await openTrainedTokenizer(stageOne, config(), place)
    return () => tokenizer.dispose()
  }, 60_000)

  async function train(own = config(), control: Control = never, from = stageOne) {
    const recorder = new MemoryRecorder()
    const paintings: (Paintings & { step: number })[] = []
    const result = await trainPrior({
      ...{ config: own, pictures, codebook: tokenizer, recorder, control, from: () => from, ...place },
      codesOf: picturesCodes(tokenizer, pictures),
      painted: async (step, painted) => void paintings.push({ step, ...painted }),
    })
    return { recorder, paintings, result, file: recorder.checkpoints.at(-1)?.file as TensorFile }
  }

  it('gives the same numbers, weights and pictures, bit for bit, when it is paused anywhere and resumed', async () => {
    const whole = await train()
    expect(whole.result).toEqual({ state: 'finished', step: 8 })
    for (const questions of [0, 1, 3, 5]) {
      const begun = await train(config(), askAfter(questions, 'pause'))
      expect(begun.result).toEqual({ state: 'paused', step: 2 + questions })
      const resumed = await train(config(), never, begun.file)
      expect(resumed.result).toEqual(whole.result)
      expect([...begun.recorder.numbers(), ...resumed.recorder.numbers()]).toEqual(whole.recorder.numbers())
      expect([...begun.paintings, ...resumed.paintings]).toEqual(whole.paintings)
      expect(resumed.file).toEqual(whole.file)
    }
  })

  it('records its steps after those of Stage I, with held-out losses per layer, and defines each metric', async () => {
    const { recorder, paintings } = await train()
    const steps = (name: string) =>
      recorder.events.flatMap((event) => (event.kind === 'metrics' && name in event.values ? [event.step] : []))
    expect(steps('prior.loss')).toEqual([3, 4, 5, 6, 7, 8])
    expect(steps('prior.loss.heldOut')).toEqual([2, 5, 8])
    expect(recorder.checkpoints.map(({ step }) => step)).toEqual([6, 8])
    expect(paintings.map(({ step }) => step)).toEqual([2, 5, 8])
    // 16 coarse codes and 64 fine ones.
    const [all, coarse, fine] = ['', '.0', '.1'].map((layer) => metric(recorder, `prior.loss.heldOut${layer}`)[0]) as [
      number,
      number,
      number,
    ]
    expect(all).toBeCloseTo((16 * coarse + 64 * fine) / 80, 6)
    expect(coarse).toBeCloseTo(Math.log(tokenizer.codes), 1)
    for (const event of recorder.events)
      if (event.kind === 'metrics')
        for (const name of Object.keys(event.values)) expect(metricDefinition(name)).toBeDefined()
  })

  it('counts each held-out picture once, whatever the batch', async () => {
    const firstLoss = async (batchSize: number) => {
      const { recorder } = await train(config(({ prior }) => Object.assign(prior, { batchSize, steps: 1 })))
      return metric(recorder, 'prior.loss.heldOut')[0] as number
    }
    expect(await firstLoss(5)).toBeCloseTo(await firstLoss(3), 5)
  })

  it('leaves the tokenizer as it was: its checkpoints hold it, unchanged', async () => {
    const { file } = await train()
    for (const [name, tensor] of Object.entries(stageOne.tensors)) expect(file.tensors[name], name).toEqual(tensor)
    expect(file.metadata.position).toBe(stageOne.metadata.position)
  })

  it('never tells the class where all are dropped', async () => {
    const dropped = (share: number) => train(config(({ prior }) => Object.assign(prior, { classDropout: share })))
    /** Squared gradients of the class, and of no class. */
    const learned = ({ file }: { file: TensorFile }) => {
      const { data } = file.tensors['adam.v.prior.classes'] as StoredTensor
      return { named: (data as Float32Array).slice(0, 8), none: (data as Float32Array).slice(8) }
    }
    const nothing = new Float32Array(8)
    const never = learned(await dropped(1))
    expect(never.named).toEqual(nothing)
    expect(never.none).not.toEqual(nothing)
    const always = learned(await dropped(0))
    expect(always.named).not.toEqual(nothing)
    expect(always.none).toEqual(nothing)
  })

  it.each([
    { kind: 'raster', tokenizer: { kind: 'spae', layers: 3 } },
    { kind: 'rq', tokenizer: { kind: 'rq', layers: 3 } },
    { kind: 'hq', tokenizer: { kind: 'hq', layers: 2 } },
  ] as const)('learns what codes follow: the loss of a $kind prior falls', async ({ kind, tokenizer: of }) => {
    const own = config((changed) => {
      Object.assign(changed.tokenizer, of)
      Object.assign(changed.prior, { kind, steps: 30, evaluateEvery: 30 })
      Object.assign(changed.prior.optimizer, { learningRate: 0.02 })
    })
    const sides = codeMapSides(own)
    const recorder = new MemoryRecorder()
    await trainPrior({
      ...{ config: own, pictures, codebook: { codes: 24, ids: null }, recorder, control: never, ...place },
      from: () => ({ tensors: {}, metadata: {} }),
      // Each picture counts from 0 to 2 over and over, from a number of its own; at chance there are 24.
      codesOf: async (indices) =>
        sides.map((side) =>
          Int32Array.from(indices.flatMap((index) => Array.from({ length: side * side }, (_, at) => (index + at) % 3))),
        ),
    })
    const loss = metric(recorder, 'prior.loss')
    expect(Math.min(...loss.slice(-4))).toBeLessThan(0.5 * (loss[0] as number))
  })

  it('paints code maps that the tokenizer decodes, from a checkpoint, by the name of the class', async () => {
    const { file, paintings } = await train()
    const prior = await openTrainedPrior(file, config(), tokenizer, { rows: 2, ...place })
    expect(prior.classes).toEqual(['shapes'])
    const sampling = { temperature: 1, topK: null, topP: null }
    const painted = await prior.paint(['shapes', 'shapes'], { sampling, guidance: 1, seed: config().seed })
    expect(painted).toEqual(paintings.at(-1)?.codes)
    expect(await tokenizer.decode(painted, 2)).toHaveLength(2 * 32 * 32 * 3)
    await expect(prior.paint(['animals'], { sampling, guidance: 1, seed: 0 })).rejects.toThrow(
      'no class "animals"; it knows shapes',
    )
    await prior.dispose()
  })

  it('tells each code as it is drawn, goes on from first codes, and stops between two draws', async () => {
    const { file } = await train()
    const prior = await openTrainedPrior(file, config(), tokenizer, { rows: 4, ...place })
    const options = { sampling: { temperature: 1, topK: null, topP: 0.9 }, guidance: 2, seed: 5 }
    const drawn: DrawnCode[] = []
    const classes = ['shapes', null]
    const maps = await prior.paint(classes, { ...options, alternatives: 3, drawn: (code) => drawn.push(code) })
    const areas = tokenizer.sides.map((side) => side * side)
    const codesOf = (of: Int32Array[], picture: number) =>
      flattenCodes(
        of.map((map, layer) =>
          map.subarray(picture * (areas[layer] as number), (picture + 1) * (areas[layer] as number)),
        ),
        tokenizer.sides,
      )
    for (const picture of [0, 1]) {
      const told = drawn.filter((one) => one.picture === picture)
      expect(told.map(({ at }) => at)).toEqual(Array.from(codesOf(maps, 0).keys()))
      expect(told.map(({ code }) => code)).toEqual([...codesOf(maps, picture)])
      for (const { code, probability, alternatives } of told) {
        expect(alternatives.length).toBeLessThanOrEqual(3)
        const own = alternatives.find((other) => other.code === code)
        if (own) expect(own.probability).toBe(probability)
        else expect(probability).toBeLessThanOrEqual(alternatives.at(-1)?.probability as number)
      }
    }
    // In the middle of four codes that are drawn at once.
    const first = codesOf(maps, 0).slice(0, 8)
    const again = await prior.paint(classes, { ...options, first })
    expect(codesOf(again, 0)).toEqual(codesOf(maps, 0))
    expect(codesOf(again, 1).slice(0, 8)).toEqual(first)
    const other = await prior.paint(['shapes'], { ...options, guidance: 1, seed: 6, first })
    expect(codesOf(other, 0).slice(0, 8)).toEqual(first)
    expect(codesOf(other, 0)).not.toEqual(codesOf(maps, 0))
    await expect(prior.paint([null], { ...options, first: Int32Array.of(-1) })).rejects.toThrow('none of its')
    const stop = new AbortController()
    const stopped = prior.paint([null], {
      ...options,
      signal: stop.signal,
      drawn: ({ at }) => at === 5 && stop.abort(),
    })
    await expect(stopped).rejects.toThrow('abort')
    await prior.dispose()
  })

  it('learns from mirrored pictures if the data are, and is paused and resumed all the same', async () => {
    const flipped = config(({ data }) => Object.assign(data, { flip: true }))
    const whole = await train(flipped)
    expect(whole.recorder.numbers()).not.toEqual((await train()).recorder.numbers())
    const begun = await train(flipped, askAfter(3, 'pause'))
    const resumed = await train(flipped, never, begun.file)
    expect([...begun.recorder.numbers(), ...resumed.recorder.numbers()]).toEqual(whole.recorder.numbers())
  })

  it('refuses what does not fit: no prior, other sizes, other classes', async () => {
    await expect(openTrainedPrior(stageOne, config(), tokenizer, { rows: 1, ...place })).rejects.toThrow(
      'holds no prior',
    )
    const { file } = await train(config(), askAfter(1, 'pause'))
    const wider = config(({ prior }) => Object.assign(prior, { width: 16 }))
    await expect(train(wider, never, file)).rejects.toThrow(/checkpoint's "prior\.\w+.*" is F32/)
    const bySubgroup = config(({ prior }) => Object.assign(prior, { classes: 'subgroup' }))
    await expect(train(bySubgroup, never, file)).rejects.toThrow('class 0 was "shapes"')
    const { 'prior.steps': _, ...metadata } = file.metadata
    await expect(train(config(), never, { ...file, metadata })).rejects.toThrow('where the steps of its prior belong')
  })

  it('stops with the step when it diverges', async () => {
    const diverging = config(({ prior }) => {
      Object.assign(prior.optimizer, { learningRate: 1e30, gradientClip: 0, warmupSteps: 0, schedule: 'constant' })
    })
    await expect(train(diverging)).rejects.toThrow(/the loss of the prior is .* at step \d+.*lower the learning rate/)
  })
})
