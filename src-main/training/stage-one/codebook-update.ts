import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { booksOf } from '../../codebook/books.ts'
import { meanNorm, releaseCodes, releaseScale } from '../../codebook/release.ts'
import {
  batchStatistics,
  drift,
  hitStatistics,
  rowsAt,
  scatterRows,
  updateFromFeatures,
  updateFromLanguage,
  updateMovingAverage,
} from '../../codebook/rules.ts'
import { type Parameters, parameter } from '../../engine/parameters.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import type { Spec } from '../../engine/trace.ts'
import { CODES, COUNTS, IDS, LANGUAGE_TABLE, SCALE, SUMS, toState } from './state.ts'

/** How a step changes the codebook, by the config's paradigm and rule. */

/** True if the codebook changes with the features assigned to it. */
export const learns = (config: ExperimentConfig): boolean => config.codebook.paradigm !== 'frozen'
/** True if it does so by the release's rule. */
export const rampsToLanguage = ({ codebook }: ExperimentConfig): boolean =>
  codebook.paradigm === 'iterative' && codebook.rule === 'release'
/** True if it does so by Eq. 2. */
export const updatesFromFeatures = (config: ExperimentConfig): boolean =>
  ['iterative', 'dual'].includes(config.codebook.paradigm) && !rampsToLanguage(config)
/** True if dead codes are replaced. */
export const restarts = (config: ExperimentConfig): boolean => config.codebook.restart > 0 && learns(config)

/** Numbers of a codebook update that change from step to step. */
export const codebookInputs = (config: ExperimentConfig): Record<string, Spec> => ({
  ...(updatesFromFeatures(config) ? { useFeatures: { shape: [] } } : {}),
  ...(rampsToLanguage(config) ? { ramp: { shape: [] } } : {}),
})

/** The language model's rows of the codes, [K, n]. */
const languageRows = (config: ExperimentConfig, tensors: Parameters): Tensor => {
  const table = parameter(tensors, LANGUAGE_TABLE)
  return config.codebook.rows === 'all' ? table : tf.gather(table, parameter(tensors, IDS) as tf.Tensor1D)
}

/** The codebook that a step begins with. Dual: it is replaced by the language model's rows (section 3.2). */
export const codebookAtStart = (config: ExperimentConfig, tensors: Parameters): Tensor =>
  config.codebook.paradigm === 'dual' ? languageRows(config, tensors) : parameter(tensors, CODES)

/**
 * The rows that codes are compared with, in the codes' units. An independent codebook has none; it is compared with
 * itself, so that its drift reads as none.
 */
export function comparisonTable(config: ExperimentConfig, tensors: Parameters): Tensor {
  if (config.codebook.paradigm === 'independent') return parameter(tensors, CODES)
  const rows = languageRows(config, tensors)
  return rampsToLanguage(config) ? tf.mul(rows, parameter(tensors, SCALE)) : rows
}

/** The language model's table after its rows of some codes were replaced. @param places int32 [N, 1] codes */
function writtenBack(config: ExperimentConfig, tensors: Parameters, places: Tensor, rows: Tensor): Tensor {
  const ids = config.codebook.rows === 'all' ? places : tf.expandDims(rowsAt(parameter(tensors, IDS), places), 1)
  return scatterRows(parameter(tensors, LANGUAGE_TABLE), ids, rows)
}

/**
 * What the codebook, its running counts and, under dual, the language model's table become.
 * @param layers features [N_l, n] and codes [N_l] of each layer @param featureNorm mean norm of all features
 */
export function updateCodebook(
  config: ExperimentConfig,
  tensors: Parameters,
  codebook: Tensor,
  layers: readonly { features: Tensor; indices: Tensor }[],
  featureNorm: Tensor,
): Record<string, Tensor> {
  const { paradigm, decay, emaLambda } = config.codebook
  if (!learns(config)) return {}
  const codes = codebook.shape[0] as number
  const counts = parameter(tensors, COUNTS)
  if (paradigm === 'independent') return movingAverages(config, tensors, batchStatistics(layers, codes))
  const hits = hitStatistics(layers, codes)
  const next: Record<string, Tensor> = {
    [COUNTS]: tf.add(tf.mul(counts, decay), tf.mul(hits.all, 1 - decay)),
  }
  if (rampsToLanguage(config)) {
    const sums = parameter(tensors, SUMS)
    const moved = tf.add(tf.mul(rowsAt(sums, hits.codes), decay), tf.mul(hits.sums, 1 - decay))
    const rows = languageRows(config, tensors)
    const languageNorm = meanNorm(rows)
    next[SUMS] = scatterRows(sums, hits.codes, moved)
    next[SCALE] = releaseScale(featureNorm, languageNorm)
    next[CODES] = releaseCodes(next[SUMS], rows, { ramp: parameter(tensors, 'ramp'), featureNorm, languageNorm })
    return next
  }
  next[CODES] = updateFromFeatures(codebook, hits, emaLambda, parameter(tensors, 'useFeatures'))
  if (paradigm === 'dual')
    next[LANGUAGE_TABLE] =
      config.codebook.rows === 'all'
        ? next[CODES]
        : writtenBack(config, tensors, hits.codes, rowsAt(next[CODES], hits.codes))
  return next
}

/** Independent codebooks: the EMA of VQ-VAE, whose smoothing keeps the total of each codebook. */
function movingAverages(
  config: ExperimentConfig,
  tensors: Parameters,
  batch: ReturnType<typeof batchStatistics>,
): Record<string, Tensor> {
  const [counts, sums] = [parameter(tensors, COUNTS), parameter(tensors, SUMS)]
  const books = booksOf(config, counts.shape[0] as number)
  const moved = books.map(({ first, end }) => {
    const part = (x: Tensor) => {
      const rest = x.shape.slice(1)
      return books.length === 1 ? x : tf.slice(x, [first, ...rest.map(() => 0)], [end - first, ...rest])
    }
    const state = { clusterSize: part(counts), sums: part(sums) }
    return updateMovingAverage(state, { counts: part(batch.counts), sums: part(batch.sums) }, config.codebook.decay)
  })
  const whole = (parts: Tensor[]) => (parts.length === 1 ? (parts[0] as Tensor) : tf.concat(parts, 0))
  return {
    [COUNTS]: whole(moved.map(({ clusterSize }) => clusterSize)),
    [SUMS]: whole(moved.map((part) => part.sums)),
    [CODES]: whole(moved.map(({ codebook }) => codebook)),
  }
}

/** Codes that `restart` replaces at once; more go through it several times. */
export const restartsAtOnce = (codes: number): number => Math.min(codes, 4096)

/** Inputs of `restart`, for M codes of width n; what is left of M repeats the last one. */
export const restartInputs = (config: ExperimentConfig, codes: number, width: number): Record<string, Spec> => ({
  places: { shape: [restartsAtOnce(codes), 1], dtype: 'int32' },
  vectors: { shape: [restartsAtOnce(codes), width] },
  means: { shape: [restartsAtOnce(codes), 1] },
  ...(rampsToLanguage(config) ? { ramp: { shape: [] }, featureNorm: { shape: [] } } : {}),
})

/** Puts vectors in the place of dead codes, whose running count N begins at the mean again. */
export function restart(config: ExperimentConfig, tensors: Parameters): Record<string, Tensor> {
  const [places, vectors, means] = ['places', 'vectors', 'means'].map((name) => parameter(tensors, name)) as [
    Tensor,
    Tensor,
    Tensor,
  ]
  const { paradigm } = config.codebook
  const counts = parameter(tensors, COUNTS)
  const next: Record<string, Tensor> = {
    [COUNTS]: tf.reshape(scatterRows(tf.expandDims(counts, 1), places, means), counts.shape),
  }
  let rows = vectors
  if (paradigm === 'independent') next[SUMS] = scatterRows(parameter(tensors, SUMS), places, tf.mul(vectors, means))
  if (rampsToLanguage(config)) {
    const featureNorm = parameter(tensors, 'featureNorm')
    next[SUMS] = scatterRows(parameter(tensors, SUMS), places, vectors)
    rows = releaseCodes(vectors, rowsAt(languageRows(config, tensors), places), {
      ramp: parameter(tensors, 'ramp'),
      featureNorm,
      languageNorm: tf.div(featureNorm, tf.maximum(parameter(tensors, SCALE), 1e-12)),
    })
  }
  next[CODES] = scatterRows(parameter(tensors, CODES), places, rows)
  if (paradigm === 'dual') next[LANGUAGE_TABLE] = writtenBack(config, tensors, places, rows)
  return toState(next)
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
