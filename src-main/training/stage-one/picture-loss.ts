import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import type { PerceptualDistance } from '../../tokenizers/perceptual/perceptual-network.ts'

/** What the tokenizer loses between pictures and what it painted of them; all 0-dimensional. */
export interface PictureLoss {
  reconstruction: Tensor
  /** Before its weight; null without a perceptual loss. */
  perceptual: Tensor | null
  /** reconstruction + weight · perceptual: "nll" in VQGAN. */
  nll: Tensor
}

/** @param images, painted [B, S, S, 3] */
export function pictureLoss(
  { losses }: ExperimentConfig,
  images: Tensor,
  painted: Tensor,
  distance: PerceptualDistance | null,
): PictureLoss {
  const reconstruction =
    losses.reconstruction === 'l1'
      ? tf.mean(tf.abs(tf.sub(images, painted)))
      : tf.mean(tf.squaredDifference(images, painted))
  if (!distance) return { reconstruction, perceptual: null, nll: reconstruction }
  const perceptual = tf.mean(distance(painted, images))
  return { reconstruction, perceptual, nll: tf.add(reconstruction, tf.mul(perceptual, losses.perceptual.weight)) }
}
