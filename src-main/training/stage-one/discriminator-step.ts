import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { rampAt } from '../../codebook/release.ts'
import { stopGradient, valueAndGradients } from '../../engine/gradients.ts'
import type { ParameterSpecs } from '../../engine/initialise.ts'
import { branch, type Parameters, parameter, prefixed } from '../../engine/parameters.ts'
import { type HostTensor, number } from '../../engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import type { Spec } from '../../engine/trace.ts'
import type { LastLayer } from '../../tokenizers/autoencoder.ts'
import {
  type DiscriminatorShape,
  discriminate,
  discriminatorSpecs,
  runningSpecs,
} from '../../tokenizers/discriminator.ts'
import {
  adversarialObjective,
  type DiscriminatorLoss,
  generatorLoss,
  hingeDiscriminatorLoss,
  vanillaDiscriminatorLoss,
} from '../adversarial-loss.ts'
import { adamUpdate, scheduleFactor } from '../optimizer.ts'

/** The discriminator's part of a tokenizer step; discriminator.* of the state hold its parameters and running statistics. */

const NAME = 'discriminator'
const losses: Record<ExperimentConfig['losses']['adversarial']['loss'], DiscriminatorLoss> = {
  hinge: hingeDiscriminatorLoss,
  vanilla: vanillaDiscriminatorLoss,
}

const shapeOf = ({ losses: { adversarial } }: ExperimentConfig): DiscriminatorShape => ({
  ndf: adversarial.channels,
  layers: adversarial.layers,
})

export const hasDiscriminator = ({ losses: { adversarial } }: ExperimentConfig): boolean => adversarial.weight > 0

/** What a discriminator of the config learns, by its name in the state; nothing without one. */
export const discriminatorParameters = (config: ExperimentConfig): ParameterSpecs =>
  hasDiscriminator(config) ? prefixed(discriminatorSpecs(shapeOf(config)), NAME) : {}

/** Its running statistics, by their name in the state; nothing without one. */
export const discriminatorStatistics = (config: ExperimentConfig): ParameterSpecs =>
  hasDiscriminator(config) ? prefixed(runningSpecs(shapeOf(config)), NAME) : {}

/**
 * Whether the discriminator takes part in a step: after `start` steps, until `stop` steps are done or somebody switched
 * it off.
 * @param step from 1 @param off steps that were done when it was switched off; null if it was not
 */
export function discriminatorTakesPart(config: ExperimentConfig, step: number, off: number | null): boolean {
  const { start, stop } = config.losses.adversarial
  return hasDiscriminator(config) && step > start && (stop === 0 || step <= stop) && (off === null || step <= off)
}

/** Numbers of a step with a discriminator that change from step to step. */
export const DISCRIMINATOR_INPUTS: Record<string, Spec> = {
  'adversarial.weight': { shape: [] },
  'discriminator.learningRate': { shape: [] },
  'discriminator.correction1': { shape: [] },
  'discriminator.correction2': { shape: [] },
}

/**
 * The same numbers for a step: the generator's weight falls by `fade` over training, the discriminator's learning rate
 * follows the tokenizer's schedule, and its moments count the updates since its start. Under the release's rule the weight
 * has fallen where the codebook's r has risen, which a tail of steps at r = 1 follows.
 * @param step from 1
 */
export function discriminatorInputs(config: ExperimentConfig, step: number): Record<string, number> {
  const { weight, fade, learningRate, start } = config.losses.adversarial
  const { optimizer, training, codebook } = config
  const faded = rampAt(step, training.steps, codebook.rule === 'release' ? codebook.tail : 0)
  const updates = step - start
  return {
    'adversarial.weight': weight * (1 - fade * faded),
    'discriminator.learningRate': learningRate * scheduleFactor(optimizer, step, training.steps),
    'discriminator.correction1': 1 - optimizer.beta1 ** updates,
    'discriminator.correction2': 1 - optimizer.beta2 ** updates,
  }
}

/**
 * Loss of the pictures that the last layer paints, with the generator's part of it.
 * @param nll of pictures: reconstruction and perceptual loss, without the commitment
 * @returns aside: generator, lambda and its product with the weight, all 0-dimensional
 */
export function adversarialLoss(
  config: ExperimentConfig,
  tensors: Parameters,
  { kernel, paint }: LastLayer,
  nll: (pictures: Tensor) => Tensor,
): { loss: Tensor; aside: Record<string, Tensor> } {
  const { adaptive, clamp } = config.losses.adversarial
  const weight = parameter(tensors, 'adversarial.weight')
  const own = branch(tensors, NAME)
  const judge = (pictures: Tensor) => generatorLoss(discriminate(own, own, pictures, shapeOf(config), 'train').logits)
  if (adaptive) {
    const { loss, generator, lambda } = adversarialObjective(kernel, paint, nll, judge, { weight, clamp })
    return { loss, aside: { generator, lambda, weighted: tf.mul(lambda, weight) } }
  }
  const pictures = paint(kernel)
  const generator = judge(pictures)
  return {
    loss: tf.add(nll(pictures), tf.mul(generator, weight)),
    aside: { generator, lambda: tf.scalar(1), weighted: weight },
  }
}

/**
 * One update of the discriminator by real pictures and what the tokenizer painted in the same step. The pass over the
 * painted ones is the generator's own, so that the program computes it once.
 * @returns what replaces entries of the state, and outputs loss, real, fake: mean logits
 */
export function discriminatorStep(
  config: ExperimentConfig,
  tensors: Parameters,
  real: Tensor,
  painted: Tensor,
): { next: Record<string, Tensor>; outputs: Record<string, Tensor> } {
  const parameters = Object.fromEntries(
    Object.keys(discriminatorParameters(config)).map((name) => [name, parameter(tensors, name)]),
  )
  const statistics = branch(tensors, NAME)
  const { loss, gradients, aside } = valueAndGradients(() => {
    const own = branch(parameters, NAME)
    const first = discriminate(own, statistics, real, shapeOf(config), 'train')
    const second = discriminate(own, first.running, stopGradient(painted), shapeOf(config), 'train')
    return {
      loss: losses[config.losses.adversarial.loss](first.logits, second.logits),
      aside: {
        ...prefixed(second.running, NAME),
        real: tf.mean(first.logits),
        fake: tf.mean(second.logits),
      } as Record<string, Tensor>,
    }
  }, parameters)
  const { real: onReal, fake: onFake, ...running } = aside as { real: Tensor; fake: Tensor } & Record<string, Tensor>
  // Its Adam has the tokenizer's β and ε, as in the published training codes; it neither decays nor clips.
  const settings = { ...config.optimizer, weightDecay: 0, gradientClip: 0 }
  const { next } = adamUpdate(tensors, gradients, settings, {
    learningRate: parameter(tensors, 'discriminator.learningRate'),
    correction1: parameter(tensors, 'discriminator.correction1'),
    correction2: parameter(tensors, 'discriminator.correction2'),
  })
  return {
    next: { ...next, ...running },
    outputs: { 'discriminator.loss': loss, 'logits.real': onReal, 'logits.fake': onFake },
  }
}

/** What a step with a discriminator records of it. @param out of its program */
export const adversarialMetrics = (out: Record<string, HostTensor>): Record<string, number> => ({
  'loss.adversarial.generator': number(out, 'generator'),
  'loss.adversarial.discriminator': number(out, 'discriminator.loss'),
  'adversarial.lambda': number(out, 'lambda'),
  'adversarial.weight': number(out, 'weighted'),
  'logits.real': number(out, 'logits.real'),
  'logits.fake': number(out, 'logits.fake'),
})
