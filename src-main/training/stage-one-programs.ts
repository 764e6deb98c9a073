import { type ExperimentConfig, tokensPerPicture } from '../../src-shared/config.ts'
import {
  batchStatistics,
  drift,
  restartDeadCodes,
  updateFromFeatures,
  updateFromLanguage,
  updateMovingAverage,
} from '../codebook/rules.ts'
import { compile } from '../engine/compile.ts'
import { valueAndGradients } from '../engine/gradients.ts'
import { softmaxCrossEntropy } from '../engine/operations/softmax-cross-entropy.ts'
import { branch, type Parameters, parameter } from '../engine/parameters.ts'
import { type Program, type Runtime, STATE_PREFIX, type State } from '../engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import type { Spec } from '../engine/trace.ts'
import { llama } from '../language/llama.ts'
import { createTokenizer } from '../tokenizers/tokenizer.ts'
import { adamUpdate, type UpdateInputs } from './optimizer.ts'
import { CODES, COUNTS, LANGUAGE_TABLE, meanCount, SUMS } from './stage-one-state.ts'

/** The compiled parts of Stage I, all over one state. */
export interface StageOnePrograms {
  /** One update of encoder, decoder and codebook. Inputs: images, UpdateInputs, useFeatures, rows, plus, minus. */
  tokenizerStep: Program
  /** One update of the language model. Inputs: tokens, labels, UpdateInputs. */
  languageStep: Program
  /** Eq. 3, with the drift before and after. No inputs. */
  sync: Program
  /** Inputs: images. Outputs: reconstruction, codes.<layer>, error [B]. */
  reconstruct: Program
  /** Inputs: tokens, labels. Outputs: loss, counted. */
  languageLoss: Program
  /** Per code: cosine, distance, norm. No inputs. */
  drift: Program
}

const UPDATE_SPECS: Record<keyof UpdateInputs, Spec> = {
  learningRate: { shape: [] },
  correction1: { shape: [] },
  correction2: { shape: [] },
}

const toState = (entries: Record<string, Tensor>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(entries).map(([name, tensor]) => [STATE_PREFIX + name, tensor]))

const startingWith = (names: string[], prefix: string): string[] => names.filter((name) => name.startsWith(prefix))
const select = (tensors: Parameters, names: readonly string[]): Record<string, Tensor> =>
  Object.fromEntries(names.map((name) => [name, parameter(tensors, name)]))

export async function compileStageOne(
  config: ExperimentConfig,
  runtime: Runtime,
  state: State,
): Promise<StageOnePrograms> {
  const { resolution } = config.data
  const names = state.names()
  const images: Record<string, Spec> = { images: { shape: [config.training.batchSize, resolution, resolution, 3] } }
  const { batchSize, context } = config.language
  const text: Record<string, Spec> = {
    tokens: { shape: [batchSize, context], dtype: 'int32' },
    labels: { shape: [batchSize * context], dtype: 'int32' },
  }
  const visual = startingWith(names, 'tokenizer.')
  const linguistic = startingWith(names, 'language.')
  const moments = (prefix: string) =>
    names.filter((name) => name.startsWith(`adam.m.${prefix}`) || name.startsWith(`adam.v.${prefix}`))
  const codebook = startingWith(names, 'codebook.')
  const codes = state.typeOf(CODES).shape[0] as number
  const load = (
    name: string,
    inputs: Record<string, Spec>,
    reads: string[],
    step: (tensors: Record<string, Tensor>) => Record<string, Tensor>,
  ) => compile(runtime, state, name, inputs, reads, step)
  const table = config.codebook.paradigm === 'dual' ? [LANGUAGE_TABLE] : []
  const draws: Record<string, Spec> = config.codebook.restart > 0 && learns(config) ? drawSpecs(codes) : {}
  return {
    tokenizerStep: await load(
      'tokenizer step',
      { ...images, ...UPDATE_SPECS, ...(updatesFromFeatures(config) ? { useFeatures: { shape: [] } } : {}), ...draws },
      [...visual, ...moments('tokenizer.'), ...codebook, ...table],
      (tensors) => tokenizerStep(config, select(tensors, visual), tensors),
    ),
    languageStep: await load(
      'language step',
      { ...text, ...UPDATE_SPECS },
      [...linguistic, ...moments('language.')],
      (tensors) => languageStep(config, select(tensors, linguistic), tensors),
    ),
    sync: await load('sync', {}, [CODES, LANGUAGE_TABLE], (tensors) => sync(config, tensors)),
    reconstruct: await load('reconstruct', images, [...visual, CODES], (tensors) => reconstruct(config, tensors)),
    languageLoss: await load('language loss', text, linguistic, (tensors) => languageLoss(config, tensors)),
    drift: await load('drift', {}, [CODES, LANGUAGE_TABLE], (tensors) => ({
      ...drift(parameter(tensors, CODES), comparisonTable(config, tensors)),
    })),
  }
}

/** True if the codebook changes with the features assigned to it. */
export const learns = (config: ExperimentConfig): boolean => config.codebook.paradigm !== 'frozen'
/** True if it does so by Eq. 2. */
export const updatesFromFeatures = (config: ExperimentConfig): boolean =>
  config.codebook.paradigm === 'iterative' || config.codebook.paradigm === 'dual'

const drawSpecs = (codes: number): Record<string, Spec> => {
  const rows: Spec = { shape: [codes], dtype: 'int32' }
  return { rows, plus: rows, minus: rows }
}

/** An independent codebook has no LLM rows; it is compared with itself, so that its drift reads as none. */
const comparisonTable = (config: ExperimentConfig, tensors: Parameters): Tensor =>
  parameter(tensors, config.codebook.paradigm === 'independent' ? CODES : LANGUAGE_TABLE)

function tokenizerStep(config: ExperimentConfig, trained: Parameters, tensors: Parameters): Record<string, Tensor> {
  const tokenizer = createTokenizer(config)
  const images = parameter(tensors, 'images')
  // Dual: each step begins with the codebook replaced by the language model's table (section 3.2).
  const codebook = parameter(tensors, config.codebook.paradigm === 'dual' ? LANGUAGE_TABLE : CODES)
  const { gradients, aside } = valueAndGradients(() => {
    const visual = branch(trained, 'tokenizer')
    const { quantized, codes, commitment, assignments } = tokenizer.tokenize(visual, images, codebook)
    const reconstruction = reconstructionLoss(config, images, tokenizer.decode(visual, quantized))
    const loss = tf.add(reconstruction, tf.mul(commitment, config.losses.commitment))
    const numbered: Record<string, Tensor> = {}
    for (const [layer, { features, indices }] of assignments.entries())
      Object.assign(numbered, {
        [`codes.${layer}`]: codes[layer],
        [`features.${layer}`]: features,
        [`indices.${layer}`]: indices,
      })
    return { loss, aside: { reconstruction, commitment, ...numbered } as Record<string, Tensor> }
  }, trained)
  const { next, norm } = adamUpdate(tensors, gradients, config.optimizer, tensors as unknown as UpdateInputs)
  const layers = Array.from({ length: config.tokenizer.layers }, (_, layer) => ({
    features: parameter(aside, `features.${layer}`),
    indices: parameter(aside, `indices.${layer}`),
  }))
  const features = tf.concat(
    layers.map((layer) => layer.features),
    0,
  )
  const updated = updateCodebook(config, tensors, codebook, layers, features)
  return {
    ...toState({ ...next, ...updated.next }),
    ...Object.fromEntries(layers.map((_, layer) => [`codes.${layer}`, parameter(aside, `codes.${layer}`)])),
    reconstruction: parameter(aside, 'reconstruction'),
    commitment: parameter(aside, 'commitment'),
    gradientNorm: norm,
    featureNorm: tf.mean(tf.sqrt(tf.sum(tf.square(features), 1))),
    restarts: updated.restarts,
  }
}

function reconstructionLoss(config: ExperimentConfig, images: Tensor, reconstruction: Tensor): Tensor {
  return config.losses.reconstruction === 'l1'
    ? tf.mean(tf.abs(tf.sub(images, reconstruction)))
    : tf.mean(tf.squaredDifference(images, reconstruction))
}

/** What the codebook, its running counts and, under dual, the language model's table become. */
function updateCodebook(
  config: ExperimentConfig,
  tensors: Parameters,
  codebook: Tensor,
  layers: readonly { features: Tensor; indices: Tensor }[],
  features: Tensor,
): { next: Record<string, Tensor>; restarts: Tensor } {
  const { paradigm, decay, emaLambda, restart } = config.codebook
  if (!learns(config)) return { next: {}, restarts: tf.scalar(0) }
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
  let restarts: Tensor = tf.scalar(0)
  if (restart > 0) {
    const mean = meanCount(config, codes)
    const draws = {
      rows: parameter(tensors, 'rows'),
      plus: parameter(tensors, 'plus'),
      minus: parameter(tensors, 'minus'),
    }
    const renewed = restartDeadCodes(table, clusterSize, features, draws, restart * mean, mean)
    restarts = tf.sum(tf.cast(renewed.restarted, 'float32'))
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
  return { next, restarts }
}

function languageStep(config: ExperimentConfig, trained: Parameters, tensors: Parameters): Record<string, Tensor> {
  const { loss, gradients } = valueAndGradients(() => {
    const logits = llama(branch(trained, 'language'), parameter(tensors, 'tokens'), config.language)
    return { loss: softmaxCrossEntropy(logits, parameter(tensors, 'labels')).loss, aside: {} }
  }, trained)
  const { next } = adamUpdate(tensors, gradients, config.language.optimizer, tensors as unknown as UpdateInputs)
  return { ...toState(next), loss }
}

function sync(config: ExperimentConfig, tensors: Parameters): Record<string, Tensor> {
  const [codebook, table] = [parameter(tensors, CODES), comparisonTable(config, tensors)]
  const synced = updateFromLanguage(codebook, table, config.codebook.syncLambda)
  const [before, after] = [drift(codebook, table), drift(synced, table)]
  return {
    ...toState({ [CODES]: synced }),
    'before.cosine': tf.mean(before.cosine),
    'before.distance': tf.mean(before.distance),
    'after.cosine': tf.mean(after.cosine),
    'after.distance': tf.mean(after.distance),
  }
}

function reconstruct(config: ExperimentConfig, tensors: Parameters): Record<string, Tensor> {
  const tokenizer = createTokenizer(config)
  const visual = branch(tensors, 'tokenizer')
  const images = parameter(tensors, 'images')
  const { quantized, codes } = tokenizer.tokenize(visual, images, parameter(tensors, CODES))
  const reconstruction = tokenizer.decode(visual, quantized)
  return {
    reconstruction,
    error: tf.mean(tf.squaredDifference(images, tf.clipByValue(reconstruction, -1, 1)), [1, 2, 3]),
    ...Object.fromEntries(codes.map((map, layer) => [`codes.${layer}`, map])),
  }
}

function languageLoss(config: ExperimentConfig, tensors: Parameters): Record<string, Tensor> {
  const logits = llama(branch(tensors, 'language'), parameter(tensors, 'tokens'), config.language)
  const { loss, counted } = softmaxCrossEntropy(logits, parameter(tensors, 'labels'))
  return { loss, counted }
}

/** Vectors quantized in one step. */
export const vectorsPerStep = (config: ExperimentConfig): number => config.training.batchSize * tokensPerPicture(config)
