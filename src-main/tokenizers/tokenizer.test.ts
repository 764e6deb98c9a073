import { describe, expect, it } from 'vitest'
import { type TokenizerConfig, tokenizerSchema } from '../../src-shared/config.ts'
import { valueAndGradients } from '../engine/gradients.ts'
import { parameter } from '../engine/parameters.ts'
import { floats, type HostTensor, ints, number } from '../engine/runtimes/runtime.ts'
import { randomFloats, runOnce, runtimes } from '../engine/testing/programs.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import { createTokenizer } from './tokenizer.ts'

const [BATCH, SIDE, WIDTH, CODES] = [2, 8, 8, 12]

/** Two levels of resolution, with attention, over a codebook of width 8. */
const configOf = (kind: 'vq' | 'rq' | 'hq', layers: number) =>
  tokenizerSchema.parse({ kind, layers, channels: [4, 6], residualBlocks: 1, groups: 2, attention: true })

/** Parameters, codebook and pictures; norms' scales are about 1. */
function inputsOf(config: TokenizerConfig): Record<string, HostTensor> {
  const parameters = Object.entries(createTokenizer(config, WIDTH).specs).map(
    ([name, { shape }], seed): [string, HostTensor] => [
      name,
      name.endsWith('.scale') ? randomFloats(seed, shape, 0.5, 1.5) : randomFloats(seed, shape, -0.5, 0.5),
    ],
  )
  return {
    ...Object.fromEntries(parameters),
    images: randomFloats(1000, [BATCH, SIDE, SIDE, 3]),
    codebook: randomFloats(1001, [CODES, WIDTH]),
  }
}

const kinds = [
  { kind: 'vq', layers: 1, sides: [4] },
  { kind: 'rq', layers: 3, sides: [4, 4, 4] },
  { kind: 'hq', layers: 2, sides: [2, 4] },
] as const

describe.each(kinds)('the $kind tokenizer', ({ kind, layers, sides }) => {
  const config = configOf(kind, layers)
  const tokenizer = createTokenizer(config, WIDTH)
  const inputs = inputsOf(config)

  describe.each(runtimes)('on $name', (runtime) => {
    it('makes a code map for each layer, coarse first, and pictures of the same size from it', async () => {
      const got = await runOnce(runtime, inputs, (tensors) => {
        const { images, codebook } = tensors as { images: Tensor; codebook: Tensor }
        const { quantized, codes, commitment, assignments } = tokenizer.tokenize(tensors, images, codebook)
        const pictures = tokenizer.decode(tensors, quantized)
        return {
          pictures,
          fromCodes: tokenizer.decodeCodes(tensors, codes, codebook),
          commitment,
          ...Object.fromEntries(codes.map((map, layer) => [`codes.${layer}`, map])),
          ...Object.fromEntries(assignments.map(({ features }, layer) => [`features.${layer}`, features])),
          ...Object.fromEntries(assignments.map(({ indices }, layer) => [`indices.${layer}`, indices])),
        }
      })
      expect(got.pictures?.shape).toEqual([BATCH, SIDE, SIDE, 3])
      for (const [layer, side] of sides.entries()) {
        expect(got[`codes.${layer}`]?.shape).toEqual([BATCH, side, side])
        expect(got[`features.${layer}`]?.shape).toEqual([BATCH * side * side, WIDTH])
        expect(ints(got, `indices.${layer}`)).toEqual(ints(got, `codes.${layer}`))
        expect(ints(got, `codes.${layer}`).every((code) => code >= 0 && code < CODES)).toBe(true)
      }
      expect(got[`codes.${sides.length}`]).toBeUndefined()
      expect(number(got, 'commitment')).toBeGreaterThan(0)
      // The codes alone hold all that the decoder reads.
      for (const [at, value] of floats(got, 'fromCodes').entries())
        expect(value).toBeCloseTo(floats(got, 'pictures')[at] as number, 4)
    })

    it('takes the gradient of the pictures to every parameter, straight through the codes, and none to the codebook', async () => {
      const names = Object.keys(tokenizer.specs)
      const got = await runOnce(runtime, inputs, (tensors) => {
        const { images, codebook } = tensors as { images: Tensor; codebook: Tensor }
        const trained = Object.fromEntries(names.map((name) => [name, parameter(tensors, name)]))
        const { gradients } = valueAndGradients(
          () => {
            const { quantized, commitment } = tokenizer.tokenize(trained, images, codebook)
            const error = tf.mean(tf.squaredDifference(tokenizer.decode(trained, quantized), images))
            // The codebook takes part by its sum only, which tells that nothing else reaches it.
            return { loss: tf.addN([error, tf.mul(commitment, 0.25), tf.sum(codebook)]), aside: {} }
          },
          { ...trained, codebook },
        )
        return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [`d.${name}`, gradient]))
      })
      for (const name of names)
        expect(
          floats(got, `d.${name}`).some((value) => value !== 0),
          name,
        ).toBe(true)
      expect(new Set(floats(got, 'd.codebook'))).toEqual(new Set([1]))
    })
  })
})
