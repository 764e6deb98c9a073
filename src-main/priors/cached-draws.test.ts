import { describe, expect, it } from 'vitest'
import { compile } from '../engine/compile.ts'
import { branch, parameter, prefixed } from '../engine/parameters.ts'
import { floats, int32 } from '../engine/runtimes/runtime.ts'
import { randomFloats, randomIntegers, runtimes } from '../engine/testing/programs.ts'
import { cachedDraws, drawingEntries } from './cached-draws.ts'
import { codeInputs, codeSpecs, codeTensors, PRIOR } from './code-inputs.ts'
import { createPrior } from './create-prior.ts'
import { codeFeatures } from './features.ts'
import type { PriorShape } from './prior.ts'

const sizes = {
  width: 8,
  layers: 2,
  heads: 2,
  feedForward: 12,
  depthLayers: 2,
  classes: 3,
  embeddings: 'layer' as const,
}
const shapes: PriorShape[] = [
  { ...sizes, kind: 'raster', sides: [2, 4], codes: [5, 7] },
  { ...sizes, kind: 'rq', sides: [2, 2, 2], codes: [5, 6, 7] },
  { ...sizes, kind: 'hq', sides: [2, 4], codes: [5, 7] },
  { ...sizes, kind: 'rq', sides: [1, 1], codes: [5, 6] },
]
const ROWS = 3

describe.each(runtimes)('draws with a cache on $name', (runtime) => {
  it.each(shapes)(
    'have the logits of the whole picture, each by what came before it alone ($kind, $sides)',
    async (shape) => {
      const prior = createPrior(shape)
      const maps = shape.sides.map(
        (side, layer) =>
          randomIntegers(layer + 3, [ROWS * side * side], shape.codes[layer] as number).data as Int32Array,
      )
      const classes = Int32Array.of(2, 0, 3)
      const parameters = Object.fromEntries(
        Object.entries(prefixed(prior.specs, PRIOR)).map(([name, { shape: of }], seed) => [
          name,
          of.length === 1 ? randomFloats(seed, of, 0.5, 1.5) : randomFloats(seed, of, -0.7, 0.7),
        ]),
      )
      const state = runtime.createState({ ...parameters, ...drawingEntries(shape, ROWS) })
      const inputs = { ...codeSpecs(shape, ROWS), given: { shape: [ROWS], dtype: 'int32' as const } }
      const whole = await compile(runtime, state, 'whole', inputs, Object.keys(parameters), (tensors) => {
        const own = branch(tensors, PRIOR)
        const features = codeFeatures(prior, shape, own, codeInputs(tensors, shape), parameter(tensors, 'given'))
        return Object.fromEntries(features.map((rows, layer) => [`logits.${layer}`, prior.logits(own, layer, rows)]))
      })
      const expected = await whole.run({ ...codeTensors(shape, maps, ROWS), given: int32(classes, [ROWS]) })
      const draws = cachedDraws(runtime, state, shape, ROWS)
      // Thrice, and first of other classes: what was drawn before leaves no trace.
      const others = Int32Array.of(1, 3, 2)
      for (const draw of prior.draws) await draws.logits(draw, maps, others)
      for (const filling of [0, 1]) {
        const known = maps.map((map) => new Int32Array(map.length).fill(filling))
        for (const draw of prior.draws) {
          const logits = await draws.logits(draw, known, classes)
          const { layer, places } = draw
          const [count, area] = [shape.codes[layer] as number, (shape.sides[layer] as number) ** 2]
          for (let row = 0; row < ROWS; row++)
            for (const [at, place] of places.entries()) {
              const begin = (row * places.length + at) * count
              const from = (row * area + place) * count
              for (let code = 0; code < count; code++)
                expect(logits[begin + code]).toBeCloseTo(floats(expected, `logits.${layer}`)[from + code] as number, 4)
              ;(known[layer] as Int32Array)[row * area + place] = maps[layer]?.[row * area + place] as number
            }
        }
      }
      await whole.dispose()
      await draws.dispose()
    },
  )
})
