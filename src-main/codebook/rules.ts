import type { Random } from '../data/random.ts'
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
  const { features, indices } = joined(assignments)
  const each = tf.ones([indices.shape[0], 1])
  return {
    counts: tf.reshape(tf.unsortedSegmentSum(each, indices, codes), [codes]),
    sums: tf.unsortedSegmentSum(features, indices, codes),
  }
}

/** The assignments of all layers behind one another, without gradient. */
const joined = (
  assignments: readonly { features: Tensor; indices: Tensor }[],
): { features: Tensor; indices: tf.Tensor1D } => ({
  features: stopGradient(
    tf.concat(
      assignments.map(({ features }) => features),
      0,
    ),
  ),
  indices: tf.concat(
    assignments.map(({ indices }) => indices),
    0,
  ) as tf.Tensor1D,
})

const mix = (lambda: number, kept: Tensor, taken: Tensor): Tensor =>
  tf.add(tf.mul(kept, lambda), tf.mul(taken, 1 - lambda))
const column = (vector: Tensor): Tensor => tf.expandDims(vector, 1)

/** The features of a step by the code that they were assigned to, of the codes that were hit alone: N ≪ K rows. */
export interface HitStatistics {
  /** int32 [N, 1] code of each feature, as rows are scattered by */
  codes: Tensor
  /** [N, n] of each feature's code: the sum of all features assigned to it; and [N, 1] how many they are */
  sums: Tensor
  counts: Tensor
  /** [K] assignments of each code */
  all: Tensor
}

/**
 * As batchStatistics, for the codes that were hit: nothing here is as large as the codebook's table. Features of one code
 * meet in one slot, the place of any of them; which one it is does not matter to the sums, which go by the features' order.
 */
export function hitStatistics(
  assignments: readonly { features: Tensor; indices: Tensor }[],
  codes: number,
): HitStatistics {
  const { features, indices } = joined(assignments)
  const count = indices.shape[0]
  const places = tf.reshape(indices, [count, 1])
  const order = tf.tensor2d(
    Float32Array.from({ length: count }, (_, at) => at),
    [count, 1],
  )
  const slotOfCode = scatterRows(tf.zeros([codes, 1]), places, order)
  const slots = tf.cast(tf.reshape(tf.gather(slotOfCode, indices), [count]), 'int32') as tf.Tensor1D
  const total = (x: Tensor): Tensor => tf.gather(tf.unsortedSegmentSum(x, slots, count), slots)
  const each = tf.ones([count, 1])
  return {
    codes: places,
    sums: total(features),
    counts: total(each),
    all: tf.reshape(tf.unsortedSegmentSum(each, indices, codes), [codes]),
  }
}

/** A table with some of its rows replaced. Rows for the same place must be equal. @param places int32 [N, 1] */
export const scatterRows = (table: Tensor, places: Tensor, rows: Tensor): Tensor =>
  tf.tensorScatterUpdate(table, places as tf.Tensor2D, rows)

/** [N, n] rows of a table at places [N, 1]. */
export const rowsAt = (table: Tensor, places: Tensor): Tensor =>
  tf.gather(table, tf.reshape(places, [places.shape[0] as number]) as tf.Tensor1D)

/**
 * Eq. 2: C' = λC + (1 − λ) I·Z, with I·Z the mean of the features assigned to a code. Codes without assignments keep
 * their value (FIELD 9). Where `apply` is 0 nothing changes.
 * @param apply scalar 0 or 1
 */
export function updateFromFeatures(
  codebook: Tensor,
  { codes, sums, counts }: HitStatistics,
  lambda: number,
  apply: Tensor,
): Tensor {
  const old = rowsAt(codebook, codes)
  const applies = tf.tile(tf.reshape(tf.greater(apply, 0), [1, 1]), old.shape as [number, number])
  return scatterRows(codebook, codes, tf.where(applies, mix(lambda, old, tf.div(sums, counts)), old))
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

/** Share of the difference of two other vectors added to a restarted code. */
const RESTART_NOISE = 0.05

/**
 * Codes whose running count N has fallen below `threshold`, ascending.
 * @param threshold absolute running count; callers make it relative to tokens / K (FIELD 3a, trap 2)
 */
export function deadCodes(clusterSize: Float32Array, threshold: number): Int32Array {
  const dead: number[] = []
  for (let code = 0; code < clusterSize.length; code++) if ((clusterSize[code] as number) < threshold) dead.push(code)
  return Int32Array.from(dead)
}

/**
 * What dead codes become: random vectors of the batch, plus a little of the difference of two others, so that copies
 * differ when there are more dead codes than vectors. Drawn outside the graph, so that a resumed run draws the same.
 * @param features [N, width] of the batch @returns [count, width]
 */
export function restartVectors(features: Float32Array, width: number, count: number, random: Random): Float32Array {
  const vectors = features.length / width
  const fresh = new Float32Array(count * width)
  for (let at = 0; at < count; at++) {
    const [row, plus, minus] = [random.int(vectors), random.int(vectors), random.int(vectors)]
    for (let column = 0; column < width; column++)
      fresh[at * width + column] =
        (features[row * width + column] as number) +
        RESTART_NOISE * ((features[plus * width + column] as number) - (features[minus * width + column] as number))
  }
  return fresh
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
