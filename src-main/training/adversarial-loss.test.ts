import { describe, expect, it } from 'vitest'
import { valueAndGradients } from '../engine/gradients.ts'
import { float32, floats, number } from '../engine/runtimes/runtime.ts'
import { expectGradients } from '../engine/testing/finite-differences.ts'
import { randomFloats, runOnce, runtimes } from '../engine/testing/programs.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import { trace } from '../engine/trace.ts'
import {
  adaptiveWeight,
  adversarialObjective,
  generatorLoss,
  hingeDiscriminatorLoss,
  RELEASE_CLAMP,
  VQGAN_CLAMP,
  vanillaDiscriminatorLoss,
} from './adversarial-loss.ts'

type Inputs = Record<string, Tensor>
const vector = (...values: number[]) => float32(Float32Array.from(values), [values.length])

describe('losses of a discriminator', () => {
  it('have the gradients of their values, by the real and by the false logits', async () => {
    // Away from the kinks of the hinge at ±1.
    const inputs = { real: vector(-3, 0.2, 0.9, 1.4, 5), fake: vector(-4, -1.3, -0.8, 0, 2) }
    for (const loss of [hingeDiscriminatorLoss, vanillaDiscriminatorLoss])
      await expectGradients({
        inputs,
        by: ['real', 'fake'],
        compute: ({ real, fake }) => loss(real as Tensor, fake as Tensor),
      })
  })

  describe.each(runtimes)('on $name', (runtime) => {
    it('stay finite however sure the discriminator is, and are 0 where it is right beyond the margin', async () => {
      const inputs = { real: vector(1e4, 300), fake: vector(-1e4, -300) }
      const got = await runOnce(runtime, inputs, ({ real, fake }: Inputs) => {
        const both = (real: Tensor, fake: Tensor) => [
          hingeDiscriminatorLoss(real, fake),
          vanillaDiscriminatorLoss(real, fake),
        ]
        const [hinge, vanilla] = both(real as Tensor, fake as Tensor) as [Tensor, Tensor]
        const [hingeWrong, vanillaWrong] = both(fake as Tensor, real as Tensor) as [Tensor, Tensor]
        return { hinge, vanilla, hingeWrong, vanillaWrong, generator: generatorLoss(fake as Tensor) }
      })
      expect(['hinge', 'vanilla'].map((name) => Math.abs(number(got, name)))).toEqual([0, 0])
      expect([number(got, 'hingeWrong'), number(got, 'vanillaWrong')]).toEqual([5151, 5150])
      expect(number(got, 'generator')).toBe(5150)
    })
  })
})

describe.each(runtimes)('the adaptive weight on $name', (runtime) => {
  const weigh = (nll: number[], generator: number[], clamp: number) =>
    runOnce(runtime, { nll: vector(...nll), g: vector(...generator) }, ({ nll, g }: Inputs) => ({
      ...adaptiveWeight(nll as Tensor, g as Tensor, { weight: 0.5, clamp }),
    }))

  it('is the ratio of the norms', async () => {
    const got = await weigh([3, 4], [0, 2], VQGAN_CLAMP)
    expect(number(got, 'lambda')).toBeCloseTo(5 / 2.0001, 5)
    expect(number(got, 'weight')).toBeCloseTo(0.5 * (5 / 2.0001), 5)
  })

  it('is clamped where the generator has no gradient, before it is multiplied by its own weight', async () => {
    for (const clamp of [VQGAN_CLAMP, RELEASE_CLAMP]) {
      const got = await weigh([3, 4], [0, 0], clamp)
      expect([number(got, 'lambda'), number(got, 'weight')]).toEqual([clamp, clamp / 2])
    }
    const got = await weigh([0.03, 0.04], [0, 0], RELEASE_CLAMP)
    expect(number(got, 'lambda')).toBeCloseTo(500, 2)
  })

  it('is 0 where there is nothing to reconstruct any more', async () => {
    expect(number(await weigh([0, 0], [1, 1], VQGAN_CLAMP), 'lambda')).toBe(0)
    expect(number(await weigh([0, 0], [0, 0], VQGAN_CLAMP), 'lambda')).toBe(0)
  })
})

describe('the objective of the generator', () => {
  const predict = (features: Tensor) => (kernel: Tensor) => tf.matMul(features as tf.Tensor2D, kernel as tf.Tensor2D)
  const nll = (prediction: Tensor) => tf.mean(tf.square(tf.sub(prediction, 0.3)))
  const generator = (prediction: Tensor) => generatorLoss(tf.tanh(prediction))
  const settings = { weight: 0.7, clamp: VQGAN_CLAMP }

  it.each(runtimes)(
    'passes on to everything before the last layer the gradient of nll + weight · λ · generator, on $name',
    async (runtime) => {
      const inputs = { x: randomFloats(1, [4, 3]), inner: randomFloats(2, [3, 3]), kernel: randomFloats(3, [3, 2]) }
      const got = await runOnce(runtime, inputs, (tensors) => {
        const [x, inner, kernel] = [tensors.x, tensors.inner, tensors.kernel] as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]
        const features = (w: Tensor) => tf.sin(tf.matMul(x, w as tf.Tensor2D))
        const once = valueAndGradients(
          () => {
            const objective = adversarialObjective(kernel, predict(features(inner)), nll, generator, settings)
            return { loss: objective.loss, aside: { lambda: objective.lambda } }
          },
          { inner, kernel },
        )
        const plainly = valueAndGradients(
          () => {
            const prediction = predict(features(inner))(kernel)
            const weight = tf.mul(once.aside.lambda as Tensor, settings.weight)
            return { loss: tf.add(nll(prediction), tf.mul(weight, generator(prediction))), aside: {} }
          },
          { inner, kernel },
        )
        return {
          loss: tf.sub(once.loss, plainly.loss),
          dinner: tf.sub(once.gradients.inner as Tensor, plainly.gradients.inner as Tensor),
          dkernel: tf.sub(once.gradients.kernel as Tensor, plainly.gradients.kernel as Tensor),
          size: tf.max(tf.abs(once.gradients.inner as Tensor)),
        }
      })
      expect(number(got, 'size')).toBeGreaterThan(0.01)
      for (const name of ['loss', 'dinner', 'dkernel'])
        for (const difference of floats(got, name)) expect(Math.abs(difference)).toBeLessThan(1e-6)
    },
  )

  it('goes through the generator backwards once', () => {
    const graph = trace(
      ({ x, kernel }) => {
        const { loss, gradients } = valueAndGradients(
          () => {
            const { loss } = adversarialObjective(kernel as Tensor, predict(x as Tensor), nll, generator, settings)
            return { loss, aside: {} }
          },
          { kernel: kernel as Tensor },
        )
        return { loss, gradient: gradients.kernel as Tensor }
      },
      { x: { shape: [4, 3] }, kernel: { shape: [3, 2] } },
    )
    expect(graph.nodes.filter(({ kernel }) => kernel === 'Tanh')).toHaveLength(1)
  })
})
