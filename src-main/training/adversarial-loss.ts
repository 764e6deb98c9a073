import { stopGradient, valueAndGradients } from '../engine/gradients.ts'
import { type Tensor, tf } from '../engine/tf.ts'

/** Losses between a discriminator and what reconstructs pictures (Esser et al. 2021). Logits above 0 mean "real". */
export type DiscriminatorLoss = (real: Tensor, fake: Tensor) => tf.Scalar

/** ½ · (mean relu(1 − real) + mean relu(1 + fake)) */
export const hingeDiscriminatorLoss: DiscriminatorLoss = (real, fake) =>
  tf.mul(0.5, tf.add(tf.mean(tf.relu(tf.sub(1, real))), tf.mean(tf.relu(tf.add(1, fake)))))

/** ½ · (mean softplus(−real) + mean softplus(fake)) */
export const vanillaDiscriminatorLoss: DiscriminatorLoss = (real, fake) =>
  tf.mul(0.5, tf.add(tf.mean(tf.softplus(tf.neg(real))), tf.mean(tf.softplus(fake))))

/** −mean of the logits of what was generated. */
export const generatorLoss = (fake: Tensor): tf.Scalar => tf.neg(tf.mean(fake))

export interface AdaptiveWeight {
  /** Weight of the generator's loss, after the clamp; a 0-dimensional tensor where it changes from step to step. */
  weight: number | Tensor
  /** Largest λ: 1e4 in VQGAN and its followers, 500 in UniCode's release. */
  clamp: number
}
export const VQGAN_CLAMP = 1e4
export const RELEASE_CLAMP = 500

/**
 * λ = ‖∂nll/∂kernel‖ / (‖∂generator/∂kernel‖ + 1e-4), clamped to [0, clamp], by Frobenius norms at the kernel of the
 * last layer, and weight · λ. No gradient goes through either.
 */
export function adaptiveWeight(
  nllGradient: Tensor,
  generatorGradient: Tensor,
  { weight, clamp }: AdaptiveWeight,
): { lambda: tf.Scalar; weight: tf.Scalar } {
  const ratio = tf.div(norm(stopGradient(nllGradient)), tf.add(norm(stopGradient(generatorGradient)), 1e-4))
  const lambda = tf.clipByValue(ratio, 0, clamp) as tf.Scalar
  return { lambda, weight: tf.mul(lambda, weight) }
}

const norm = (x: Tensor): tf.Scalar => tf.sqrt(tf.sum(tf.square(x)))

export interface AdversarialObjective {
  /** nll + weight · λ · generator, whose gradient reaches everything that the prediction depends on */
  loss: tf.Scalar
  nll: tf.Scalar
  generator: tf.Scalar
  lambda: tf.Scalar
  /** At the kernel of the last layer. */
  nllGradient: Tensor
  generatorGradient: Tensor
}

/**
 * The generator's side of a step. The discriminator is gone through backwards once: its gradient at the prediction gives
 * λ, and then, weighted, the rest of the gradient.
 * @param kernel of the last layer
 * @param predict the last layer, as a function of its kernel
 * @param nll, generator of a prediction; nll is reconstruction and perceptual loss, without the commitment
 */
export function adversarialObjective(
  kernel: Tensor,
  predict: (kernel: Tensor) => Tensor,
  nll: (prediction: Tensor) => Tensor,
  generator: (prediction: Tensor) => Tensor,
  settings: AdaptiveWeight,
): AdversarialObjective {
  const prediction = predict(kernel)
  const [likelihood, deception] = [nll, generator].map((term) => {
    const leaf = stopGradient(prediction)
    const { loss, gradients } = valueAndGradients(() => ({ loss: term(leaf), aside: {} }), { leaf })
    const atPrediction = gradients.leaf as Tensor
    const last = stopGradient(kernel)
    const { gradients: onward } = valueAndGradients(
      () => ({ loss: tf.sum(tf.mul(predict(last), atPrediction)), aside: {} }),
      { last },
    )
    return { loss: loss as tf.Scalar, atPrediction, atKernel: onward.last as Tensor }
  }) as [Term, Term]
  const { lambda, weight } = adaptiveWeight(likelihood.atKernel, deception.atKernel, settings)
  return {
    loss: knownGradient(
      prediction,
      tf.add(likelihood.loss, tf.mul(weight, deception.loss)),
      tf.add(likelihood.atPrediction, tf.mul(weight, deception.atPrediction)),
    ),
    nll: likelihood.loss,
    generator: deception.loss,
    lambda,
    nllGradient: likelihood.atKernel,
    generatorGradient: deception.atKernel,
  }
}

interface Term {
  loss: tf.Scalar
  atPrediction: Tensor
  atKernel: Tensor
}

/** A value computed before, and what its gradient by `x` is known to be. */
const knownGradient = tf.customGrad((_x, value, gradient, save) => {
  ;(save as tf.GradSaveFunc)([value as Tensor, gradient as Tensor])
  return {
    value: tf.clone(value as Tensor),
    gradFunc: (dy: Tensor, saved: Tensor[]) => {
      const [value, gradient] = saved as [Tensor, Tensor]
      return [tf.mul(gradient, dy), tf.zerosLike(value), tf.zerosLike(gradient)]
    },
  }
}) as (x: Tensor, value: Tensor, gradient: Tensor) => tf.Scalar
