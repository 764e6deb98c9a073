import { describe, expect, it } from 'vitest'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { TensorFile } from '../../../src-shared/safetensors.ts'
import { askAfter, type MemoryRecorder, tinyConfig } from '../../../test/fixtures/tiny-experiment.ts'
import { never, tinyTraining } from '../../../test/fixtures/tiny-training.ts'
import type { Control } from '../recorder.ts'
import { discriminatorInputs, discriminatorTakesPart } from './discriminator-step.ts'

const train = tinyTraining()
const LAMBDA = 'adversarial.lambda'

const judged = (adversarial: Partial<ExperimentConfig['losses']['adversarial']> = {}) =>
  tinyConfig((config) => {
    Object.assign(config.losses.adversarial, { weight: 0.5, channels: 4, layers: 2, learningRate: 1e-3 }, adversarial)
    config.optimizer.schedule = 'constant'
    Object.assign(config.tokenizer, { kind: 'vq', layers: 1, channels: [8, 8], attention: false })
    Object.assign(config.language, { stepsBefore: 0, ratio: 0.25 })
  })

/** [step, value] of a metric. */
const curve = ({ events }: MemoryRecorder, name: string): [number, number][] =>
  events.flatMap((event) =>
    event.kind === 'metrics' && name in event.values ? [[event.step, event.values[name] as number]] : [],
  )
const values = (file: TensorFile, name: string): Float32Array => file.tensors[name]?.data as Float32Array

describe('a step with a discriminator', { timeout: 120_000 }, () => {
  it('leaves nothing of it in state, metrics or checkpoints where its weight is 0', async () => {
    const { file, recorder } = await train(judged({ weight: 0 }))
    expect(Object.keys(file.tensors).filter((name) => name.includes('discriminator'))).toEqual([])
    expect(recorder.numbers().filter((line) => /adversarial|logits/.test(line))).toEqual([])
  })

  it('begins after the start step, ends with the stop step, and leaves the discriminator alone outside of them', async () => {
    const { recorder, file } = await train(judged({ start: 3, stop: 7 }))
    for (const name of [LAMBDA, 'loss.adversarial.generator', 'loss.adversarial.discriminator', 'logits.real'])
      expect(
        curve(recorder, name).map(([step]) => step),
        name,
      ).toEqual([4, 5, 6, 7])
    const atFour = recorder.checkpoints.find(({ step }) => step === 4)?.file as TensorFile
    const atEight = recorder.checkpoints.find(({ step }) => step === 8)?.file as TensorFile
    for (const name of Object.keys(file.tensors).filter((name) => /discriminator.*kernel/.test(name))) {
      expect(values(atFour, name), name).not.toEqual(values(atEight, name))
      expect(values(file, name), name).toEqual(values(atEight, name))
    }
  })

  it('computes the very numbers of a run without one until the start step', async () => {
    const plain = await train(judged({ weight: 0 }))
    const late = await train(judged({ start: 6 }))
    const loss = ({ recorder }: typeof plain) => curve(recorder, 'loss.reconstruction').map(([, value]) => value)
    expect(loss(late).slice(0, 7)).toEqual(loss(plain).slice(0, 7))
    expect(loss(late).slice(7)).not.toEqual(loss(plain).slice(7))
  })

  it('gives the same numbers and the same weights, bit for bit, when it is paused anywhere and resumed', async () => {
    const config = judged({ start: 2, stop: 8 })
    const whole = await train(config)
    for (const questions of [4, 8]) {
      const begun = await train(config, askAfter(questions, 'pause'))
      expect(begun.result.state).toBe('paused')
      const resumed = await train(config, never, begun.file)
      expect([...begun.recorder.numbers(), ...resumed.recorder.numbers()]).toEqual(whole.recorder.numbers())
      for (const [name, { data }] of Object.entries(whole.file.tensors))
        expect(values(resumed.file, name), name).toEqual(data)
    }
  })

  it('clamps λ at the limit of the config, and takes the weight itself where λ is off', async () => {
    const clamped = await train(judged({ clamp: 1e-3 }))
    for (const [, lambda] of curve(clamped.recorder, LAMBDA)) expect(lambda).toBeCloseTo(1e-3, 9)
    for (const [, weight] of curve(clamped.recorder, 'adversarial.weight')) expect(weight).toBeCloseTo(5e-4, 9)
    const free = await train(judged())
    for (const [, lambda] of curve(free.recorder, LAMBDA)) {
      expect(lambda).toBeGreaterThan(1e-3)
      expect(lambda).toBeLessThanOrEqual(1e4)
    }
    const fixed = await train(judged({ adaptive: false }))
    expect(new Set(curve(fixed.recorder, LAMBDA).map(([, lambda]) => lambda))).toEqual(new Set([1]))
    expect(new Set(curve(fixed.recorder, 'adversarial.weight').map(([, weight]) => weight))).toEqual(new Set([0.5]))
  })

  it('learns to tell real pictures from painted ones, by either loss', async () => {
    for (const loss of ['hinge', 'vanilla'] as const) {
      // So small a weight leaves the tokenizer what it would be without a discriminator.
      const config = judged({ loss, learningRate: 0.01, weight: 1e-9, adaptive: false })
      Object.assign(config.training, { steps: 24, evaluateEvery: 24, sampleEvery: 24, checkpointEvery: 24 })
      const { recorder } = await train(config)
      const [real, fake] = [curve(recorder, 'logits.real'), curve(recorder, 'logits.fake')]
      expect(real.at(-1)?.[1], loss).toBeGreaterThan((fake.at(-1)?.[1] as number) + 0.5)
      const losses = curve(recorder, 'loss.adversarial.discriminator').map(([, value]) => value)
      expect(losses.at(-1), loss).toBeLessThan(0.8 * (losses[0] as number))
    }
  })
})

describe('a discriminator that is switched off', { timeout: 120_000 }, () => {
  it('takes part in no further step, says so, and stays off when the run resumes', async () => {
    let asked = 0
    const control: Control = { request: () => (++asked > 8 ? 'pause' : 'none'), discriminatorOff: () => asked > 5 }
    const begun = await train(judged(), control)
    const off = begun.recorder.events.find(({ kind }) => kind === 'discriminator-off') as { step: number } | undefined
    const steps = ({ recorder }: typeof begun) => curve(recorder, LAMBDA).map(([step]) => step)
    expect(off?.step).toBe(steps(begun).at(-1))
    expect(steps(begun).length).toBeGreaterThan(1)
    // The checkpoint at which it went off is written before anything goes on without it.
    expect(begun.recorder.checkpoints.some(({ step }) => step === off?.step)).toBe(true)
    const resumed = await train(judged(), never, begun.file)
    expect(resumed.result.state).toBe('finished')
    expect(steps(resumed)).toEqual([])
    expect(resumed.recorder.events.some(({ kind }) => kind === 'discriminator-off')).toBe(false)
  })
})

describe('when a discriminator takes part', () => {
  it('is from the first step after the start to the stop step, or to where it was switched off', () => {
    const config = judged({ start: 2, stop: 5 })
    const steps = (off: number | null) =>
      [1, 2, 3, 4, 5, 6, 7].filter((step) => discriminatorTakesPart(config, step, off))
    expect(steps(null)).toEqual([3, 4, 5])
    expect(steps(4)).toEqual([3, 4])
    expect(steps(0)).toEqual([])
    config.losses.adversarial.stop = 0
    expect(steps(null)).toEqual([3, 4, 5, 6, 7])
  })

  it('its generator’s weight fades with the steps as UniCode’s release has it', () => {
    const config = judged({ weight: 0.8, fade: 0.9 })
    const weight = (step: number) => discriminatorInputs(config, step)['adversarial.weight']
    expect(weight(config.training.steps)).toBeCloseTo(0.08, 12)
    expect(weight(config.training.steps / 2)).toBeCloseTo(0.8 * 0.55, 12)
  })

  it('its generator’s weight has faded where the tail begins under the release’s rule, and only there', () => {
    const weights = (rule: 'paper' | 'release') => {
      const config = judged({ weight: 0.8, fade: 0.9 })
      Object.assign(config.training, { steps: 40 })
      Object.assign(config.codebook, { rule, tail: 0.25 })
      return [15, 30, 35, 40].map((step) => discriminatorInputs(config, step)['adversarial.weight'] as number)
    }
    const expected = {
      release: [0.8 * (1 - 0.9 / 2), 0.08, 0.08, 0.08],
      paper: [15, 30, 35, 40].map((step) => 0.8 * (1 - (0.9 * step) / 40)),
    }
    for (const rule of ['paper', 'release'] as const)
      for (const [at, weight] of weights(rule).entries())
        expect(weight, `${rule} ${at}`).toBeCloseTo(expected[rule][at] as number, 12)
  })

  it('is refused for pictures that are too small for its layers, with the most that fit', () => {
    expect(() => judged({ layers: 4 })).toThrow(/discriminator of 4 layers.*32 px; use at most 3/)
    expect(() => judged({ layers: 3 })).not.toThrow()
  })
})
