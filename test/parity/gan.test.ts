import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { valueAndGradients } from '../../src-main/engine/gradients.ts'
import { countParameters, type ParameterSpecs } from '../../src-main/engine/initialise.ts'
import { type Parameters, parameter } from '../../src-main/engine/parameters.ts'
import { float32, floats, type HostTensor, number } from '../../src-main/engine/runtimes/runtime.ts'
import { runOnce, runtimes } from '../../src-main/engine/testing/programs.ts'
import { type Tensor, tf } from '../../src-main/engine/tf.ts'
import {
  type DiscriminatorShape,
  discriminate,
  discriminatorSpecs,
  logitSide,
  runningSpecs,
} from '../../src-main/tokenizers/discriminator.ts'
import {
  adaptiveWeight,
  adversarialObjective,
  generatorLoss,
  hingeDiscriminatorLoss,
  VQGAN_CLAMP,
  vanillaDiscriminatorLoss,
} from '../../src-main/training/adversarial-loss.ts'
import { describeReference } from './reference.ts'
import { collect, hostStep, hostTensor } from './tensors.ts'

const caseSchema = z.object({ params: z.object({ ndf: z.int(), layers: z.int(), disc_weight: z.number() }) })

describeReference('gan', (reference) => {
  const { ndf, layers, disc_weight } = reference.read(caseSchema).params
  const shape: DiscriminatorShape = { ndf, layers }
  const settings = { weight: disc_weight, clamp: VQGAN_CLAMP }
  const names = Object.keys(discriminatorSpecs(shape))
  const given = (...names: string[]): Record<string, HostTensor> =>
    Object.fromEntries(names.map((name) => [name, hostTensor(reference.input(name))]))
  const running: Record<string, HostTensor> = Object.fromEntries(
    Object.entries(runningSpecs(shape)).map(([name, { shape, init }]) => {
      if (init.kind !== 'constant') throw new Error(`${name} starts at random`)
      return [name, float32(new Float32Array(shape[0] as number).fill(init.value), shape)]
    }),
  )
  const judge = (parameters: Parameters, statistics: Parameters, images: Tensor) =>
    discriminate(parameters, statistics, images, shape, 'train')

  it('the discriminator has the parameters of the case, shape by shape', () => {
    const specs: ParameterSpecs = discriminatorSpecs(shape)
    const wanted = [...reference.names('input', 'conv'), ...reference.names('input', 'norm')]
    expect(Object.keys(specs).sort()).toEqual(wanted.sort())
    for (const name of wanted) expect(specs[name]?.shape, name).toEqual(reference.input(name).shape)
    expect(countParameters(specs)).toBe(wanted.reduce((sum, name) => sum + reference.input(name).numbers.length, 0))
    const side = (name: string) => reference.expected(name).shape[1]
    expect(logitSide(shape, reference.input('real').shape[1] as number)).toBe(side('logits_real'))
  })

  describe.each(runtimes)('on $name', (runtime) => {
    it('the discriminator judges real pictures, then false ones, and then by its running statistics', async () => {
      const inputs = { ...given(...names, 'real', 'fake'), ...running }
      const got = await runOnce(runtime, inputs, (tensors) => {
        const [real, fake] = [parameter(tensors, 'real'), parameter(tensors, 'fake')]
        const first = judge(tensors, tensors, real)
        const second = judge(tensors, first.running, fake)
        const evaluated = discriminate(tensors, second.running, real, shape, 'eval')
        return {
          logits_real: first.logits,
          logits_fake: second.logits,
          eval_logits_real: evaluated.logits,
          ...Object.fromEntries(Object.entries(second.running).map(([name, tensor]) => [`next ${name}`, tensor])),
          ...Object.fromEntries(Object.entries(evaluated.running).map(([name, tensor]) => [`after ${name}`, tensor])),
        }
      })
      for (const name of ['logits_real', 'logits_fake', 'eval_logits_real'])
        reference.expectTensor(name, floats(got, name))
      for (const name of Object.keys(running)) {
        reference.expectTensor(name, floats(got, `next ${name}`))
        expect(floats(got, `after ${name}`), name).toEqual(floats(got, `next ${name}`))
      }
    })

    it('the losses of the discriminator, and the gradient of the hinge loss by every parameter', async () => {
      const inputs = { ...given(...names, 'real', 'fake'), ...running }
      const got = await runOnce(runtime, inputs, (tensors) => {
        const trained = Object.fromEntries(names.map((name) => [name, parameter(tensors, name)]))
        const { loss, gradients, aside } = valueAndGradients(() => {
          const real = judge(trained, tensors, parameter(tensors, 'real'))
          const fake = judge(trained, real.running, parameter(tensors, 'fake'))
          return {
            loss: hingeDiscriminatorLoss(real.logits, fake.logits),
            aside: {
              vanilla: vanillaDiscriminatorLoss(real.logits, fake.logits),
              generator: generatorLoss(fake.logits),
            },
          }
        }, trained)
        const norms = Object.entries(gradients).map(([name, gradient]) => [
          `norm ${name}`,
          tf.sqrt(tf.sum(tf.square(gradient))),
        ])
        return { loss, ...aside, ...Object.fromEntries(norms) }
      })
      reference.expectScalar('d_loss', number(got, 'loss'))
      reference.expectScalar('vanilla_d_loss', number(got, 'vanilla'))
      reference.expectScalar('g_loss', number(got, 'generator'))
      reference.expectScalar(
        'd_grad_norms',
        Object.fromEntries(names.map((name) => [name, number(got, `norm ${name}`)])),
      )
    })

    it('the adaptive weight of given gradients, clamped', async () => {
      const [nll, generator] = [reference.input('adaptive.nll_grads'), reference.input('adaptive.g_grads')]
      const steps: Record<string, HostTensor>[] = []
      for (let step = 0; step < (nll.shape[0] as number); step++)
        steps.push(
          await runOnce(runtime, { nll: hostStep(nll, step), g: hostStep(generator, step) }, (tensors) => ({
            ...adaptiveWeight(parameter(tensors, 'nll'), parameter(tensors, 'g'), settings),
          })),
        )
      reference.expectTensor('adaptive.lambda', collect(steps, 'lambda'))
      reference.expectTensor('adaptive.weight', collect(steps, 'weight'))
    })

    it('the whole objective of the generator and its gradient by the last kernel', async () => {
      const inputs = { ...given(...names, ...reference.names('input', 'e2e.'), 'real'), ...running }
      const got = await runOnce(runtime, inputs, (tensors) => {
        const [features, bias] = [parameter(tensors, 'e2e.features'), parameter(tensors, 'e2e.bias')]
        const real = parameter(tensors, 'real')
        const kernel = parameter(tensors, 'e2e.kernel')
        const { loss, gradients, aside } = valueAndGradients(
          () => {
            const { loss, ...aside } = adversarialObjective(
              kernel,
              (kernel) => tf.add(tf.conv2d(features as tf.Tensor4D, kernel as tf.Tensor4D, 1, 1), bias),
              (prediction) => tf.mean(tf.abs(tf.sub(real, prediction))),
              (prediction) => generatorLoss(judge(tensors, tensors, prediction).logits),
              settings,
            )
            return { loss, aside: { ...aside } }
          },
          { kernel },
        )
        return { loss, ...aside, gradient: gradients.kernel as Tensor }
      })
      reference.expectScalar('e2e.nll', number(got, 'nll'))
      reference.expectScalar('e2e.g_loss', number(got, 'generator'))
      reference.expectScalar('e2e.lambda', number(got, 'lambda'))
      reference.expectScalar('e2e.total', number(got, 'loss'))
      reference.expectTensor('e2e.nll_grad', floats(got, 'nllGradient'))
      reference.expectTensor('e2e.g_grad', floats(got, 'generatorGradient'))
      reference.expectTensor('e2e.total_grad', floats(got, 'gradient'))
    })
  })
})
