import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../engine/compile.ts'
import { parameter } from '../engine/parameters.ts'
import { floats, type HostTensor, int32, type Program, type Runtime } from '../engine/runtimes/runtime.ts'
import { randomFloats, randomIntegers, runtimes } from '../engine/testing/programs.ts'
import { codeInputs, codeSpecs, codeTensors } from './code-inputs.ts'
import { createPrior } from './create-prior.ts'
import { codeFeatures } from './features.ts'
import type { PriorShape } from './prior.ts'

const sizes = {
  width: 8,
  layers: 2,
  heads: 2,
  feedForward: 12,
  depthLayers: 1,
  classes: 3,
  embeddings: 'layer' as const,
}

/** Each kind over code maps that it is for. */
const shapes: { name: string; shape: PriorShape }[] = [
  { name: 'raster over hq', shape: { ...sizes, kind: 'raster', sides: [2, 4], codes: [5, 7] } },
  {
    name: 'raster over rq, shared',
    shape: { ...sizes, kind: 'raster', embeddings: 'shared', sides: [2, 2, 2], codes: [7, 7, 7] },
  },
  { name: 'raster over a pyramid', shape: { ...sizes, kind: 'raster', sides: [1, 2, 2], codes: [7, 7, 7] } },
  { name: 'rq', shape: { ...sizes, kind: 'rq', sides: [2, 2, 2], codes: [5, 6, 7] } },
  { name: 'rq over vq, shared', shape: { ...sizes, kind: 'rq', embeddings: 'shared', sides: [3], codes: [7] } },
  { name: 'hq', shape: { ...sizes, kind: 'hq', sides: [2, 4], codes: [5, 7] } },
  { name: 'hq, shared', shape: { ...sizes, kind: 'hq', embeddings: 'shared', sides: [2, 4], codes: [7, 7] } },
]

const BATCH = 2

/** Parameters that differ from 0 and 1 everywhere, norms too. */
const randomParameters = (shape: PriorShape): Record<string, HostTensor> =>
  Object.fromEntries(
    Object.entries(createPrior(shape).specs).map(([name, { shape: of }], seed) => [
      name,
      of.length === 1 ? randomFloats(seed, of, 0.5, 1.5) : randomFloats(seed, of, -0.7, 0.7),
    ]),
  )

describe.each(shapes)('the prior $name', ({ shape }) => {
  const prior = createPrior(shape)
  const maps = shape.sides.map(
    (side, layer) => randomIntegers(layer + 3, [BATCH * side * side], shape.codes[layer] as number).data as Int32Array,
  )
  const programs = new Map<Runtime, Program>()
  beforeAll(async () => {
    for (const runtime of runtimes) {
      const state = runtime.createState(randomParameters(shape))
      const inputs = { ...codeSpecs(shape, BATCH), given: { shape: [BATCH], dtype: 'int32' as const } }
      programs.set(
        runtime,
        await compile(runtime, state, 'logits', inputs, state.names(), (tensors) => {
          const features = codeFeatures(prior, shape, tensors, codeInputs(tensors, shape), parameter(tensors, 'given'))
          return Object.fromEntries(
            features.map((rows, layer) => [`logits.${layer}`, prior.logits(tensors, layer, rows)]),
          )
        }),
      )
    }
  })
  afterAll(async () => {
    for (const program of programs.values()) await program.dispose()
  })

  async function logitsOf(codes: Int32Array[], classes: number[], runtime = runtimes[0] as Runtime) {
    const given = int32(Int32Array.from(classes), [BATCH])
    const out = await (programs.get(runtime) as Program).run({ ...codeTensors(shape, codes, BATCH), given })
    return shape.sides.map((_, layer) => floats(out, `logits.${layer}`))
  }
  /** The logits of one code of the first picture. */
  const rowOf = (logits: Float32Array[], layer: number, place: number): number[] => {
    const count = shape.codes[layer] as number
    return [...(logits[layer] as Float32Array).subarray(place * count, (place + 1) * count)]
  }

  it('draws every code once', () => {
    const drawn = prior.draws.flatMap(({ layer, places }) => places.map((place) => `${layer} ${place}`))
    const all = shape.sides.flatMap((side, layer) =>
      Array.from({ length: side * side }, (_, place) => `${layer} ${place}`),
    )
    expect(drawn.toSorted()).toEqual(all.toSorted())
  })

  it('predicts a code from all earlier draws, and from nothing else of the picture', async () => {
    const before = await logitsOf(maps, [0, 0])
    for (const [at, draw] of prior.draws.entries())
      for (const place of draw.places) {
        const changed = maps.map((map) => map.slice())
        const map = changed[draw.layer] as Int32Array
        map[place] = ((map[place] as number) + 1) % (shape.codes[draw.layer] as number)
        const after = await logitsOf(changed, [0, 0])
        for (const [other, { layer, places }] of prior.draws.entries())
          for (const one of places) {
            const [was, is] = [rowOf(before, layer, one), rowOf(after, layer, one)]
            // Its own draw included: codes that are drawn at once do not see each other.
            if (other <= at) expect(is, `draw ${other} after a change of ${at}`).toEqual(was)
            else expect(is, `draw ${other} after a change of ${at}`).not.toEqual(was)
          }
        for (const [layer, logits] of after.entries())
          expect(logits.subarray(logits.length / 2), 'the other picture').toEqual(
            before[layer]?.subarray(logits.length / 2),
          )
      }
  })

  it('predicts every code from the class, of which none is one', async () => {
    const one = await logitsOf(maps, [0, 0])
    for (const other of [1, shape.classes]) {
      const changed = await logitsOf(maps, [other, 0])
      for (const { layer, places } of prior.draws)
        for (const place of places) expect(rowOf(changed, layer, place)).not.toEqual(rowOf(one, layer, place))
    }
  })

  it('gives the same numbers on every runtime', async () => {
    const [first, ...others] = await Promise.all(runtimes.map((runtime) => logitsOf(maps, [1, 3], runtime)))
    for (const logits of others)
      for (const [layer, rows] of logits.entries())
        for (const [at, value] of rows.entries()) expect(value).toBeCloseTo(first?.[layer]?.[at] as number, 4)
  })
})

describe('the hq prior', () => {
  it('draws a coarse code and then the four below it at once', () => {
    const { draws } = createPrior({ ...sizes, kind: 'hq', sides: [2, 4], codes: [5, 7] })
    expect(draws.slice(0, 4)).toEqual([
      { layer: 0, places: [0], position: 0 },
      { layer: 1, places: [0, 1, 4, 5], position: 0 },
      { layer: 0, places: [1], position: 1 },
      { layer: 1, places: [2, 3, 6, 7], position: 1 },
    ])
  })
})

describe('the rq prior', () => {
  it('reads the sum of the codes of a position: in which depth a code of a shared table stands makes no difference later', async () => {
    const shape: PriorShape = { ...sizes, kind: 'rq', embeddings: 'shared', sides: [2, 2], codes: [7, 7] }
    const prior = createPrior(shape)
    const runtime = runtimes[0] as Runtime
    const state = runtime.createState(randomParameters(shape))
    const inputs = { ...codeSpecs(shape, 1), given: { shape: [1], dtype: 'int32' as const } }
    const program = await compile(runtime, state, 'features', inputs, state.names(), (tensors) => {
      const [first, second] = codeFeatures(
        prior,
        shape,
        tensors,
        codeInputs(tensors, shape),
        parameter(tensors, 'given'),
      )
      return { first: first as never, second: second as never }
    })
    const featuresOf = async (...depths: number[][]) => {
      const codes = depths.map((depth) => Int32Array.from(depth))
      const out = await program.run({ ...codeTensors(shape, codes, 1), given: int32(Int32Array.of(0), [1]) })
      return { first: floats(out, 'first'), second: floats(out, 'second') }
    }
    const one = await featuresOf([3, 1, 2, 0], [5, 4, 6, 1])
    const swapped = await featuresOf([5, 1, 2, 0], [3, 4, 6, 1])
    const rows = (features: Float32Array) => Array.from(features.subarray(sizes.width), (x) => x.toFixed(4))
    expect(rows(swapped.first)).toEqual(rows(one.first))
    expect(rows(swapped.second)).toEqual(rows(one.second))
    // At the position itself the second depth knows which came first.
    expect([...swapped.second.subarray(0, sizes.width)]).not.toEqual([...one.second.subarray(0, sizes.width)])
    await program.dispose()
  })
})
