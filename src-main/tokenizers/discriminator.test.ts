import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { initialise } from '../engine/initialise.ts'
import { floats, type HostTensor } from '../engine/runtimes/runtime.ts'
import { expectGradients } from '../engine/testing/finite-differences.ts'
import { randomFloats, runOnce, runtimes, uniformSource } from '../engine/testing/programs.ts'
import type { Tensor } from '../engine/tf.ts'
import { trace } from '../engine/trace.ts'
import {
  type DiscriminatorShape,
  discriminate,
  discriminatorSpecs,
  logitSide,
  type NormMode,
  runningSpecs,
} from './discriminator.ts'

const small: DiscriminatorShape = { ndf: 2, layers: 1 }

/** Fresh parameters with larger kernels, so that small networks answer to their input, and running statistics. */
function values(shape: DiscriminatorShape): Record<string, HostTensor> {
  const next = uniformSource(4)
  const specs = { ...discriminatorSpecs(shape), ...runningSpecs(shape) }
  for (const [name, spec] of Object.entries(specs))
    if (spec.init.kind === 'normal') specs[name] = { ...spec, init: { kind: 'uniform', bound: 0.4 } }
  return initialise(specs, () => ({ uniform: () => next(), normal: () => next(-1, 1) }))
}

const judge = (tensors: Record<string, Tensor>, mode: NormMode, shape = small) =>
  discriminate(tensors, tensors, tensors.images as Tensor, shape, mode)

describe('the patch discriminator', () => {
  it('has channels that double up to eight times the first, and one at the end', () => {
    const specs = discriminatorSpecs({ ndf: 4, layers: 5 })
    const channels = [0, 1, 2, 3, 4, 5, 6].map((layer) => specs[`conv${layer}.kernel`]?.shape.at(-1))
    expect(channels).toEqual([4, 8, 16, 32, 32, 32, 1])
    expect(Object.keys(specs).filter((name) => name.includes('bias'))).toEqual(['conv0.bias', 'conv6.bias'])
    expect(Object.keys(runningSpecs({ ndf: 4, layers: 5 }))).toHaveLength(10)
  })

  it('gives as large a map as it says for every size of picture, and refuses those that leave none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 4 }), (side, layers) => {
        const shape = { ndf: 1, layers }
        const specs = { ...discriminatorSpecs(shape), ...runningSpecs(shape), images: { shape: [2, side, side, 3] } }
        const traced = () => trace((tensors) => ({ logits: judge(tensors, 'eval', shape).logits }), specs)
        const wanted = logitSide(shape, side)
        if (wanted < 1) expect(traced).toThrow(`pictures of ${side} × ${side} are too small for a discriminator of`)
        else expect(traced().outputs[0]?.value.shape).toEqual([2, wanted, wanted, 1])
      }),
      { numRuns: 60 },
    )
  })

  it.each(['train', 'eval'] as const)('has the gradients of its values in %s mode', async (mode) => {
    const inputs = { images: randomFloats(2, [2, 6, 6, 3]), ...values(small) }
    const by = ['images', ...Object.keys(discriminatorSpecs(small))]
    await expectGradients({
      inputs,
      by,
      compute: (tensors) => judge(tensors, mode).logits,
      step: 1e-3,
      tolerance: 4e-3,
    })
  })

  describe.each(runtimes)('on $name', (runtime) => {
    it('gives no NaN for pictures of one colour, black or far out of range', async () => {
      for (const colour of [0, 1, -1e4]) {
        const inputs = { images: randomFloats(1, [2, 12, 12, 3], colour, colour), ...values(small) }
        const got = await runOnce(runtime, inputs, (tensors) => {
          const { logits, running } = judge(tensors, 'train')
          return { logits, mean: running['norm1.running_mean'] as Tensor, var: running['norm1.running_var'] as Tensor }
        })
        for (const name of ['logits', 'mean', 'var'])
          expect([...floats(got, name)].every(Number.isFinite), `${name} of ${colour}`).toBe(true)
      }
    })

    it('judges a picture by itself in eval mode, and by its batch in train mode', async () => {
      const parameters = values(small)
      const images = randomFloats(3, [3, 8, 8, 3])
      const first = { ...images, shape: [2, 8, 8, 3], data: images.data.slice(0, 2 * 8 * 8 * 3) }
      const logits = async (pictures: HostTensor, mode: NormMode) => {
        const got = await runOnce(runtime, { images: pictures, ...parameters }, (tensors) => ({
          logits: judge(tensors, mode).logits,
        }))
        return [...floats(got, 'logits').subarray(0, 2 * logitSide(small, 8) ** 2)]
      }
      const [few, many] = [await logits(first, 'eval'), await logits(images, 'eval')]
      for (const [at, value] of few.entries()) expect(value).toBeCloseTo(many[at] as number, 5)
      const [trainedFew, trainedMany] = [await logits(first, 'train'), await logits(images, 'train')]
      expect(Math.max(...trainedFew.map((value, at) => Math.abs(value - (trainedMany[at] as number))))).toBeGreaterThan(
        1e-3,
      )
    })
  })
})
