import { stopGradient } from '../engine/gradients.ts'
import { type Tensor, tf } from '../engine/tf.ts'

/** A codebook is K × n. All rules are pure: they return what the codebook becomes. */
export interface BatchStatistics {
  /** [K] assignments of each code */
  counts: Tensor
  /** [K, n] sum of the features assigned to each code: I·Z */
  sums: Tensor
}

/**
 * Counts and sums over all layers of a step: deferred, so that a step updates once and not once per layer (FIELD 3a, trap 1).
 */
export function batchStatistics(
  assignments: readonly { features: Tensor; indices: Tensor }[],
  codes: number,
): BatchStatistics {
  const features = stopGradient(
    tf.concat(
      assignments.map(({ features: part }) => part),
      0,
    ),
  )
  const indices = tf.concat(
    assignments.map(({ indices: part }) => part),
    0,
  ) as tf.Tensor1D
  const each = tf.ones([indices.shape[0], 1])
  return {
    counts: tf.reshape(tf.unsortedSegmentSum(each, indices, codes), [codes]),
    sums: tf.unsortedSegmentSum(features, indices, codes),
  }
}

const mix = (lambda: number, kept: Tensor, taken: Tensor): Tensor =>
  tf.add(tf.mul(kept, lambda), tf.mul(taken, 1 - lambda))
const column = (vector: Tensor): Tensor => tf.expandDims(vector, 1)

/**
 * Eq. 2: C' = λC + (1 − λ) I·Z, with I·Z the mean of the features assigned to a code. Codes without assignments keep
 * their value (FIELD 9). Where `apply` is 0 nothing changes.
 * @param apply scalar 0 or 1
 */
export function updateFromFeatures(
  codebook: Tensor,
  { counts, sums }: BatchStatistics,
  lambda: number,
  apply: Tensor,
): Tensor {
  const means = tf.div(sums, column(tf.maximum(counts, 1)))
  const touched = tf.greater(tf.mul(counts, apply), 0)
  return tf.where(tf.tile(column(touched), [1, codebook.shape[1] as number]), mix(lambda, codebook, means), codebook)
}

/** Eq. 3: C' = λC + (1 − λ) C_L, for every code; written so that a code on its row stays there to the last bit. */
export const updateFromLanguage = (codebook: Tensor, languageTable: Tensor, lambda: number): Tensor =>
  tf.add(codebook, tf.mul(tf.sub(languageTable, codebook), 1 - lambda))

export interface MovingAverage {
  /** [K] N */
  clusterSize: Tensor
  /** [K, n] m */
  sums: Tensor
}

/**
 * EMA codebook of VQ-VAE (van den Oord et al. 2017, appendix): N ← γN + (1−γ)n; m ← γm + (1−γ)s; C = m / Ñ with
 * Laplace smoothing that keeps the total: Ñ = ΣN · (N + ε) / (ΣN + Kε).
 */
export function updateMovingAverage(
  state: MovingAverage,
  batch: BatchStatistics,
  decay: number,
  epsilon = 1e-5,
): MovingAverage & { codebook: Tensor } {
  const clusterSize = mix(decay, state.clusterSize, batch.counts)
  const sums = mix(decay, state.sums, batch.sums)
  const total = tf.sum(clusterSize)
  const codes = clusterSize.shape[0] as number
  const smoothed = tf.mul(total, tf.div(tf.add(clusterSize, epsilon), tf.add(total, codes * epsilon)))
  return { clusterSize, sums, codebook: tf.div(sums, column(smoothed)) }
}

/** Random rows for restarts, drawn outside the graph so that a resumed run draws the same. */
export interface RestartRows {
  /** int32 [K] row of the batch that a code would become */
  rows: Tensor
  /** int32 [K] rows whose difference is the noise that tells tiled copies apart */
  plus: Tensor
  minus: Tensor
}

/** Share of the difference of two other vectors added to a restarted code. */
const RESTART_NOISE = 0.05

/**
 * Replaces codes whose running count N has fallen below `threshold` by random vectors of the batch, plus a little of the
 * difference of two others, so that copies differ when there are more dead codes than vectors. N restarts at the mean.
 * @param threshold absolute running count; callers make it relative to tokens / K (FIELD 3a, trap 2)
 * @param mean tokens of a batch / K
 * @returns codebook, running counts, which codes were restarted (bool [K])
 */
export function restartDeadCodes(
  codebook: Tensor,
  clusterSize: Tensor,
  features: Tensor,
  draws: RestartRows,
  threshold: number,
  mean: number,
): { codebook: Tensor; clusterSize: Tensor; restarted: Tensor } {
  const vectors = stopGradient(features)
  const pick = (rows: Tensor) => tf.gather(vectors, rows as tf.Tensor1D)
  const fresh = tf.add(pick(draws.rows), tf.mul(tf.sub(pick(draws.plus), pick(draws.minus)), RESTART_NOISE))
  const restarted = tf.less(clusterSize, threshold)
  const whole = tf.tile(column(restarted), [1, codebook.shape[1] as number])
  return {
    codebook: tf.where(whole, fresh, codebook),
    clusterSize: tf.where(restarted, tf.fill(clusterSize.shape, mean), clusterSize),
    restarted,
  }
}

/**
 * Distance of each visual code from its LLM row.
 * @returns cosine [K]; distance |c − l| / |l| [K]; norm |c| [K]; languageNorm |l| [K]
 */
export function drift(
  codebook: Tensor,
  languageTable: Tensor,
): { cosine: Tensor; distance: Tensor; norm: Tensor; languageNorm: Tensor } {
  const length = (table: Tensor) => tf.sqrt(tf.sum(tf.square(table), 1))
  const [norm, languageNorm] = [length(codebook), length(languageTable)]
  const tiny = 1e-12
  return {
    cosine: tf.div(tf.sum(tf.mul(codebook, languageTable), 1), tf.maximum(tf.mul(norm, languageNorm), tiny)),
    distance: tf.div(length(tf.sub(codebook, languageTable)), tf.maximum(languageNorm, tiny)),
    norm,
    languageNorm,
  }
}
