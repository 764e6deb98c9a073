import { type Tensor, tf } from '../engine/tf.ts'

/**
 * The rule of UniCode's published code (FIELD 2): C = (1−r)·unit(EMA)·m·s + r·C_L·s with m = mean|C_L|, r rising from 0 to
 * 1 over training and s = mean|z| / 30. Features are rescaled to a mean norm of 30 if theirs is larger, searched for as
 * z / (30·m), and what is found is scaled back.
 *
 * Here the codebook is kept in the features' own units: dividing the features before the search and multiplying what is
 * found after it is the same as searching with a codebook that is multiplied. With z̄ = mean|z| both clauses about 30
 * cancel (below 30 s is z̄/30, above it the features are z̄/30 times what is searched), and what remains is
 *
 *   C·z̄/(m·s) = z̄·[(1−r)·unit(EMA) + r·C_L/m],
 *
 * a codebook whose mean norm is that of the features. The published search compares features of mean norm s/m with codes
 * of mean norm s·m, which agrees where m is 1, as it about is for LLaMA; for other tables the codes are taken relative to
 * m, as the norm threshold of the same code is. So the quantizer, an evaluation, a checkpoint and an export see one plain
 * table; the scale z̄/m leads back to the language model's units.
 */

const TINY = 1e-12
const norms = (table: Tensor): Tensor => tf.sqrt(tf.sum(tf.square(table), 1, true))

/** Mean norm of a table's rows; 0-dimensional. */
export const meanNorm = (table: Tensor): Tensor => tf.mean(norms(table))

/** r after `step` tokenizer steps; the share `tail` of the steps, at the end, runs at 1. */
export function rampAt(step: number, steps: number, tail: number): number {
  const rising = steps * (1 - tail)
  return rising <= 0 ? 1 : Math.min(1, step / rising)
}

/**
 * Rows of the codebook in the features' units.
 * @param average [N, n] EMA of the features; only its direction matters @param language [N, n] their rows of C_L
 * @param ramp r, 0 to 1; featureNorm z̄; languageNorm m: 0-dimensional
 */
export function releaseCodes(
  average: Tensor,
  language: Tensor,
  { ramp, featureNorm, languageNorm }: { ramp: Tensor; featureNorm: Tensor; languageNorm: Tensor },
): Tensor {
  const ofFeatures = tf.div(tf.mul(featureNorm, tf.sub(1, ramp)), tf.maximum(norms(average), TINY))
  const ofLanguage = tf.div(tf.mul(featureNorm, ramp), tf.maximum(languageNorm, TINY))
  return tf.add(tf.mul(average, ofFeatures), tf.mul(language, ofLanguage))
}

/** What a row of C_L is multiplied by to lie among the codes: z̄/m; 0-dimensional. */
export const releaseScale = (featureNorm: Tensor, languageNorm: Tensor): Tensor =>
  tf.div(featureNorm, tf.maximum(languageNorm, TINY))
