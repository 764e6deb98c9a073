import { rowsOfLayer } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import {
  batchStatistics,
  drift,
  restartDeadCodes,
  updateFromFeatures,
  updateFromLanguage,
  updateMovingAverage,
} from '../../codebook/rules.ts'
import { type Parameters, parameter } from '../../engine/parameters.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import type { Spec } from '../../engine/trace.ts'
import { CODES, COUNTS, LANGUAGE_TABLE, meanCount, SUMS, toState } from './state.ts'

/** How a step changes the codebook, by the config's paradigm and rule. */

/** True if the codebook changes with the features assigned to it. */
export const learns = (config: ExperimentConfig): boolean => config.codebook.paradigm !== 'frozen'
/** True if it does so by Eq. 2. */
export const updatesFromFeatures = (config: ExperimentConfig): boolean =>
  config.codebook.paradigm === 'iterative' || config.codebook.paradigm === 'dual'

export const drawSpecs = (codes: number): Record<string, Spec> => {
  const rows: Spec = { shape: [codes], dtype: 'int32' }
  return { rows, plus: rows, minus: rows }
}

/** An independent codebook has no LLM rows; it is compared with itself, so that its drift reads as none. */
export const comparisonTable = (config: ExperimentConfig, tensors: Parameters): Tensor =>
  parameter(tensors, config.codebook.paradigm === 'independent' ? CODES : LANGUAGE_TABLE)

/** What the codebook, its running counts and, under dual, the language model's table become. */
export function updateCodebook(
  config: ExperimentConfig,
  tensors: Parameters,
  codebook: Tensor,
  layers: readonly { features: Tensor; indices: Tensor }[],
  features: Tensor,
): { next: Record<string, Tensor>; restarted: Tensor | null } {
  const { paradigm, decay, emaLambda, restart } = config.codebook
  if (!learns(config)) return { next: {}, restarted: null }
  const codes = codebook.shape[0] as number
  const statistics = batchStatistics(layers, codes)
  const counts = parameter(tensors, COUNTS)
  const next: Record<string, Tensor> = {}
  let table: Tensor
  let clusterSize: Tensor
  if (paradigm === 'independent') {
    const moved = updateMovingAverage({ clusterSize: counts, sums: parameter(tensors, SUMS) }, statistics, decay)
    table = moved.codebook
    clusterSize = moved.clusterSize
    next[SUMS] = moved.sums
  } else {
    table = updateFromFeatures(codebook, statistics, emaLambda, parameter(tensors, 'useFeatures'))
    clusterSize = tf.add(tf.mul(counts, decay), tf.mul(statistics.counts, 1 - decay))
  }
  let restarted: Tensor | null = null
  if (restart > 0) {
    const renewed = restartByLayer(config, tensors, { codebook: table, clusterSize }, layers, features)
    restarted = tf.cast(renewed.restarted, 'int32')
    if (next[SUMS]) {
      const whole = tf.tile(tf.expandDims(renewed.restarted, 1), [1, table.shape[1] as number])
      next[SUMS] = tf.where(whole, tf.mul(renewed.codebook, tf.expandDims(renewed.clusterSize, 1)), next[SUMS])
    }
    table = renewed.codebook
    clusterSize = renewed.clusterSize
  }
  next[CODES] = table
  next[COUNTS] = clusterSize
  if (paradigm === 'dual') next[LANGUAGE_TABLE] = table
  return { next, restarted }
}

/**
 * Restarts dead codes, where each layer has a codebook of its own among those of one layer, from its own vectors and by its
 * own mean count: the layers of a hierarchy have different numbers of vectors.
 */
function restartByLayer(
  config: ExperimentConfig,
  tensors: Parameters,
  { codebook, clusterSize }: { codebook: Tensor; clusterSize: Tensor },
  layers: readonly { features: Tensor }[],
  features: Tensor,
): ReturnType<typeof restartDeadCodes> {
  const { restart, shared } = config.codebook
  const [codes, width] = codebook.shape as [number, number]
  const drawn = (first: number, count: number) => {
    const part = (name: string) => tf.slice(parameter(tensors, name), [first], [count])
    return { rows: part('rows'), plus: part('plus'), minus: part('minus') }
  }
  if (shared) {
    const mean = meanCount(config, codes)
    return restartDeadCodes(codebook, clusterSize, features, drawn(0, codes), restart * mean, mean)
  }
  const each = layers.map((layer, index) => {
    const { first, end } = rowsOfLayer(config, index, codes)
    const count = end - first
    const mean = (layer.features.shape[0] as number) / count
    return restartDeadCodes(
      tf.slice(codebook, [first, 0], [count, width]),
      tf.slice(clusterSize, [first], [count]),
      layer.features,
      drawn(first, count),
      restart * mean,
      mean,
    )
  })
  const joined = (part: 'codebook' | 'clusterSize' | 'restarted') =>
    tf.concat(
      each.map((layer) => layer[part]),
      0,
    )
  return { codebook: joined('codebook'), clusterSize: joined('clusterSize'), restarted: joined('restarted') }
}

/**
 * Eq. 3, with the drift before and after, and where the codes and their rows lie on a plane: as Eq. 3 is linear, that also
 * says where it puts them. Inputs: plane [n, 2].
 */
export function sync(config: ExperimentConfig, tensors: Parameters): Record<string, Tensor> {
  const [codebook, table] = [parameter(tensors, CODES), comparisonTable(config, tensors)]
  const synced = updateFromLanguage(codebook, table, config.codebook.syncLambda)
  const [before, after] = [drift(codebook, table), drift(synced, table)]
  const plane = parameter(tensors, 'plane')
  return {
    ...toState({ [CODES]: synced }),
    'before.cosine': tf.mean(before.cosine),
    'before.distance': tf.mean(before.distance),
    'after.cosine': tf.mean(after.cosine),
    'after.distance': tf.mean(after.distance),
    distance: before.distance,
    points: tf.matMul(codebook as tf.Tensor2D, plane as tf.Tensor2D),
    rowPoints: tf.matMul(table as tf.Tensor2D, plane as tf.Tensor2D),
  }
}
