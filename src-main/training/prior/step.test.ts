import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tinyConfig } from '../../../test/fixtures/tiny-experiment.ts'
import { compile } from '../../engine/compile.ts'
import { prefixed } from '../../engine/parameters.ts'
import { onnxRuntime } from '../../engine/runtimes/onnx.ts'
import { int32, number, type Program, type State } from '../../engine/runtimes/runtime.ts'
import { expectGradients } from '../../engine/testing/finite-differences.ts'
import { randomFloats, randomIntegers } from '../../engine/testing/programs.ts'
import { GREEDY, type SamplingSettings } from '../../language/sampling.ts'
import { drawingEntries } from '../../priors/cached-draws.ts'
import { codeSpecs, codeTensors, PRIOR } from '../../priors/code-inputs.ts'
import { createPrior } from '../../priors/create-prior.ts'
import type { PriorShape } from '../../priors/prior.ts'
import { type PriorSampler, priorSampler } from '../../priors/sample.ts'
import { UPDATE_SPECS, updateInputs } from '../optimizer.ts'
import { scalars } from '../step-numbers.ts'
import { initialState } from './state.ts'
import { priorLoss, priorStep } from './step.ts'

const sizes = {
  width: 16,
  layers: 1,
  heads: 2,
  feedForward: 32,
  depthLayers: 1,
  classes: 2,
  embeddings: 'layer' as const,
}
const shapes: PriorShape[] = [
  { ...sizes, kind: 'raster', sides: [2, 4], codes: [9, 9] },
  { ...sizes, kind: 'rq', sides: [3, 3], codes: [9, 9] },
  { ...sizes, kind: 'hq', sides: [2, 4], codes: [9, 9] },
]
const optimizer = { ...tinyConfig().optimizer, learningRate: 0.02, weightDecay: 0, schedule: 'constant' as const }
const STEPS = 120
const warm: SamplingSettings = { temperature: 1, topK: null, topP: null }

const randomMaps = ({ sides, codes }: PriorShape, batch: number): Int32Array[] =>
  sides.map((side, at) => randomIntegers(at + 3, [batch * side * side], codes[at] as number).data as Int32Array)

describe.each(shapes)('a $kind prior of two pictures', (shape) => {
  const prior = createPrior(shape)
  const maps = randomMaps(shape, 2)
  const runtime = onnxRuntime({ threads: 1 })
  const losses: number[] = []
  let state: State
  let step: Program
  let sampler: PriorSampler
  beforeAll(async () => {
    const initial = initialState({ seed: 5 }, shape)
    state = runtime.createState({ ...initial, ...drawingEntries(shape, 4) })
    const inputs = { ...codeSpecs(shape, 2), classes: { shape: [2], dtype: 'int32' as const }, ...UPDATE_SPECS }
    step = await compile(runtime, state, 'step', inputs, Object.keys(initial), (tensors) =>
      priorStep(prior, shape, optimizer, tensors),
    )
    for (let count = 1; count <= STEPS; count++) {
      const out = await step.run({
        ...codeTensors(shape, maps, 2),
        classes: int32(Int32Array.of(0, 1), [2]),
        ...scalars(updateInputs(optimizer, count, STEPS)),
      })
      losses.push(number(out, 'loss'))
    }
    sampler = priorSampler(runtime, state, shape, 4)
  }, 60_000)
  afterAll(async () => {
    await step.dispose()
    await sampler.dispose()
  })

  it('begins at chance and learns them by heart', () => {
    expect(losses[0]).toBeCloseTo(Math.log(9), 1)
    expect(losses.at(-1)).toBeLessThan(0.02)
  })

  it('paints the picture of each class, in whatever batch it stands', async () => {
    const options = { sampling: GREEDY, guidance: 1, seed: 0 }
    expect(await sampler.paint([0, 1], options)).toEqual(maps)
    const turned = await sampler.paint([1, 0, 1, 1, 1], options)
    for (const [layer, map] of turned.entries()) {
      const area = map.length / 5
      const learned = maps[layer] as Int32Array
      expect(map.subarray(0, area)).toEqual(learned.subarray(area))
      expect(map.subarray(area, 2 * area)).toEqual(learned.subarray(0, area))
      expect(map.subarray(4 * area)).toEqual(learned.subarray(area))
    }
  })

  it('paints the same from the same seed, and other pictures from another', async () => {
    const hot = { ...warm, temperature: 8 }
    const first = await sampler.paint([null, 0, 1], { sampling: hot, guidance: 1, seed: 3 })
    expect(await sampler.paint([null, 0, 1], { sampling: hot, guidance: 1, seed: 3 })).toEqual(first)
    expect(await sampler.paint([null, 0, 1], { sampling: hot, guidance: 1, seed: 4 })).not.toEqual(first)
    // Alone in a larger batch, the first one is the same.
    const alone = await sampler.paint([null], { sampling: hot, guidance: 1, seed: 3 })
    for (const [layer, map] of alone.entries()) expect(map).toEqual(first[layer]?.subarray(0, map.length))
  })

  it('paints well-formed code maps, however little it knows', async () => {
    const painted = await sampler.paint([0, null, 1], { sampling: { ...warm, temperature: 100 }, guidance: 3, seed: 1 })
    for (const [layer, map] of painted.entries()) {
      expect(map).toHaveLength(3 * (shape.sides[layer] as number) ** 2)
      expect(map.every((code) => code >= 0 && code < (shape.codes[layer] as number))).toBe(true)
      expect(new Set(map).size).toBeGreaterThan(1)
    }
  })

  it('guides: scale 1 is the class alone, scale 0 none, and more than 1 away from none', async () => {
    const paint = (classes: (number | null)[], guidance: number) =>
      sampler.paint(classes, { sampling: GREEDY, guidance, seed: 0 })
    expect(await paint([0, 1], 0)).toEqual(await paint([null, null], 1))
    expect(await paint([0, 1], 1.5)).toEqual(maps)
  })

  it('refuses a class that it does not have, and settings out of range', async () => {
    const options = { sampling: GREEDY, guidance: 1, seed: 0 }
    await expect(sampler.paint([2], options)).rejects.toThrow("class 2 is none of the prior's 2")
    await expect(sampler.paint([0], { ...options, guidance: -1 })).rejects.toThrow('guidance -1')
    await expect(sampler.paint([0], { ...options, sampling: { ...GREEDY, topK: 0 } })).rejects.toThrow('top-k 0')
  })
})

describe('the gradients of a prior', () => {
  const tiny = {
    width: 4,
    layers: 1,
    heads: 1,
    feedForward: 4,
    depthLayers: 1,
    classes: 1,
    embeddings: 'layer' as const,
  }
  it.each<PriorShape>([
    { ...tiny, kind: 'raster', sides: [1, 2], codes: [3, 3] },
    { ...tiny, kind: 'rq', sides: [2, 2], codes: [3, 3] },
    { ...tiny, kind: 'hq', sides: [2, 4], codes: [3, 3] },
  ])('are the slopes of its loss ($kind)', async (shape) => {
    const prior = createPrior(shape)
    const parameters = Object.fromEntries(
      Object.entries(prefixed(prior.specs, PRIOR)).map(([name, { shape: of }], seed) => [
        name,
        of.length === 1 ? randomFloats(seed, of, 0.5, 1.5) : randomFloats(seed, of),
      ]),
    )
    await expectGradients({
      inputs: {
        ...parameters,
        ...codeTensors(shape, randomMaps(shape, 1), 1),
        classes: int32(Int32Array.of(0), [1]),
      },
      by: Object.keys(parameters),
      compute: (tensors) => priorLoss(prior, shape, tensors),
    })
  })
})
