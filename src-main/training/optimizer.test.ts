import { describe, expect, it } from 'vitest'
import type { OptimizerConfig } from '../../src-shared/config.ts'
import { compile } from '../engine/compile.ts'
import { float32, number, STATE_PREFIX, scalar } from '../engine/runtimes/runtime.ts'
import { randomFloats, runtimes } from '../engine/testing/programs.ts'
import type { Tensor } from '../engine/tf.ts'
import { adamUpdate, initialMoments, scheduleFactor, type UpdateInputs, updateInputs } from './optimizer.ts'

const config: OptimizerConfig = {
  learningRate: 0.05,
  beta1: 0.8,
  beta2: 0.95,
  epsilon: 1e-6,
  weightDecay: 0.1,
  gradientClip: 1,
  warmupSteps: 2,
  schedule: 'cosine',
}
const TOTAL = 6

/** The published update in float64, with the gradient 2·weight of each parameter's sum of squares. */
function adamInFloat64(initial: Record<string, number[]>, decays: (name: string) => boolean, steps: number) {
  const values = structuredClone(initial)
  const zero = () => Object.fromEntries(Object.entries(initial).map(([name, data]) => [name, data.map(() => 0)]))
  const [m, v] = [zero(), zero()]
  const norms: number[] = []
  for (let t = 1; t <= steps; t++) {
    const rate = config.learningRate * (t <= 2 ? t / 2 : 0.5 * (1 + Math.cos((Math.PI * (t - 2)) / (TOTAL - 2))))
    const gradients = Object.fromEntries(Object.entries(values).map(([name, data]) => [name, data.map((x) => 2 * x)]))
    const norm = Math.hypot(...Object.values(gradients).flat())
    norms.push(norm)
    const clip = Math.min(1, config.gradientClip / (norm + 1e-6))
    for (const [name, data] of Object.entries(values))
      for (const at of data.keys()) {
        const gradient = clip * ((gradients[name] as number[])[at] as number)
        const [first, second] = [m[name] as number[], v[name] as number[]]
        first[at] = config.beta1 * (first[at] as number) + (1 - config.beta1) * gradient
        second[at] = config.beta2 * (second[at] as number) + (1 - config.beta2) * gradient ** 2
        const [mean, square] = [
          (first[at] as number) / (1 - config.beta1 ** t),
          (second[at] as number) / (1 - config.beta2 ** t),
        ]
        const kept = (data[at] as number) * (decays(name) ? 1 - rate * config.weightDecay : 1)
        data[at] = kept - (rate * mean) / (Math.sqrt(square) + config.epsilon)
      }
  }
  return { values, norms }
}

describe.each(runtimes)('Adam on $name', (runtime) => {
  it('follows the published update, with clipping, warm-up, cosine and decay of matrices only', async () => {
    const initial = { matrix: randomFloats(1, [3, 2]), vector: randomFloats(2, [4], -2, 2) }
    const state = runtime.createState({ ...initial, ...initialMoments(initial) })
    const specs = { learningRate: { shape: [] }, correction1: { shape: [] }, correction2: { shape: [] } }
    const program = await compile(runtime, state, 'adam', specs, state.names(), (tensors) => {
      const gradients = Object.fromEntries(['matrix', 'vector'].map((name) => [name, tensors[name]?.mul(2) as Tensor]))
      const { next, norm } = adamUpdate(tensors, gradients, config, tensors as unknown as UpdateInputs)
      return {
        norm,
        ...Object.fromEntries(Object.entries(next).map(([name, value]) => [STATE_PREFIX + name, value])),
      }
    })
    const norms: number[] = []
    for (let count = 1; count <= 5; count++) {
      const numbers = Object.entries(updateInputs(config, count, TOTAL))
      norms.push(number(await program.run(Object.fromEntries(numbers.map(([k, v]) => [k, scalar(v)]))), 'norm'))
    }
    await program.dispose()
    const start = { matrix: [...initial.matrix.data], vector: [...initial.vector.data] }
    const wanted = adamInFloat64(start, (name) => name === 'matrix', 5)
    for (const [at, norm] of wanted.norms.entries()) expect(norms[at]).toBeCloseTo(norm, 5)
    for (const [name, data] of Object.entries(wanted.values))
      for (const [at, value] of data.entries())
        expect((await state.read(name)).data[at], `${name}[${at}]`).toBeCloseTo(value, 5)
  })
})

describe('the learning rate', () => {
  it('warms up in a straight line to the whole rate', () => {
    const warm = { ...config, warmupSteps: 4 }
    expect([1, 2, 3, 4].map((count) => scheduleFactor(warm, count, 100))).toEqual([0.25, 0.5, 0.75, 1])
  })

  it('stays where it is, or falls to zero by a half cosine at the last update', () => {
    expect(scheduleFactor({ ...config, schedule: 'constant' }, 90, 100)).toBe(1)
    const cosine = { ...config, warmupSteps: 0 }
    expect(scheduleFactor(cosine, 50, 100)).toBeCloseTo(0.5, 12)
    expect(scheduleFactor(cosine, 100, 100)).toBeCloseTo(0, 12)
    expect(scheduleFactor(cosine, 130, 100)).toBeCloseTo(0, 12)
  })

  it('comes with the corrections of both moments', () => {
    const { learningRate, correction1, correction2 } = updateInputs({ ...config, schedule: 'constant' }, 3, 10)
    expect(learningRate).toBe(0.05)
    expect(correction1).toBeCloseTo(1 - 0.8 ** 3, 12)
    expect(correction2).toBeCloseTo(1 - 0.95 ** 3, 12)
  })
})

describe('moments', () => {
  it('begin at zero, two for each parameter and of its shape', () => {
    const moments = initialMoments({ w: float32(Float32Array.of(1, 2, 3), [3, 1]) })
    expect(Object.keys(moments)).toEqual(['adam.m.w', 'adam.v.w'])
    for (const { data, shape } of Object.values(moments)) {
      expect([...data]).toEqual([0, 0, 0])
      expect(shape).toEqual([3, 1])
    }
  })
})
