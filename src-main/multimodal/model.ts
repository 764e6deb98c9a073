import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { MultimodalConfig } from '../../src-shared/multimodal.ts'
import { gaussian, type ParameterSpecs, zeros } from '../engine/initialise.ts'
import { branch, type Parameters, parameter } from '../engine/parameters.ts'
import { float32, type HostTensor } from '../engine/runtimes/runtime.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import { linear } from '../language/linear.ts'
import { EMBEDDING, HEAD, type LlamaShape, lastNorm } from '../language/llama.ts'
import { gelu } from '../tokenizers/vit.ts'
import type { PositionShape } from './positions.ts'

/**
 * The language model of Stage II: reads text and pictures in one sequence, in each of the paradigms of Table 1.
 * Parameters, by their names in a state: language.* of the model itself, multimodal.* of what a paradigm adds, and the
 * codebook's table, which no step changes.
 */

/** [Kv, width] rows of the visual codes, for reading and for writing (visual-tokenizer). */
export const CODE_ROWS = 'codes'
/** [S · n, n] of aggregation by concatenation. */
export const JOIN = 'join'
/** [cells + S, width] what is added to a vector for its cell of the picture, and to a code's for its slot. */
export const PLACES = 'places'

/** Weights of the slots of a cell in its one vector, [S]; null where they are joined. @param slots S */
export function slotWeights(aggregation: MultimodalConfig['aggregation'], slots: number): number[] | null {
  const each = Array.from({ length: slots }, (_, slot) => slot)
  switch (aggregation) {
    case 'sum':
      return each.map(() => 1)
    case 'mean':
      return each.map(() => 1 / slots)
    // The mean over depths d of Σ of the vectors up to d: the first is in all of them, the last in one.
    case 'cumulative':
      return each.map((slot) => (slots - slot) / slots)
    case 'concatenation':
      return null
  }
}

/** Parameters that a paradigm adds to the language model's. */
export function multimodalSpecs(
  { multimodal, language }: Pick<ExperimentConfig, 'multimodal' | 'language'>,
  { slots, features, weights, places }: PositionShape,
  codes: number,
): ParameterSpecs {
  const { width } = language
  // Of norm about 1, as the rows of codes; what they begin as is scaled to the language model's rows (stageTwoParameters).
  const placed: ParameterSpecs = places > 0 ? { [PLACES]: gaussian(1 / Math.sqrt(width), places + slots, width) } : {}
  if (multimodal.paradigm === 'visual-encoder') {
    const hidden = multimodal.projectorWidth > 0 ? multimodal.projectorWidth : width
    return {
      ...placed,
      'projector.0.kernel': gaussian(1 / Math.sqrt(features), hidden, features),
      'projector.0.bias': zeros(hidden),
      'projector.1.kernel': gaussian(1 / Math.sqrt(hidden), width, hidden),
      'projector.1.bias': zeros(width),
    }
  }
  return {
    ...placed,
    ...(multimodal.paradigm === 'visual-tokenizer'
      ? { [CODE_ROWS]: gaussian(1 / Math.sqrt(width), codes, width) }
      : {}),
    ...(weights === null ? { [JOIN]: zeros(slots * width, width) } : {}),
  }
}

/** The matrix of aggregation by concatenation as it begins: it takes the mean of the joined vectors. */
export function meanJoin(slots: number, width: number): HostTensor {
  const data = new Float32Array(slots * width * width)
  for (let slot = 0; slot < slots; slot++)
    for (let at = 0; at < width; at++) data[(slot * width + at) * width + at] = 1 / slots
  return float32(data, [slots * width, width])
}

/** What `embedPositions` needs besides its inputs. */
export interface Reading {
  config: Pick<ExperimentConfig, 'multimodal'>
  shape: PositionShape
  /** State entry of the codebook's table [K, n]. */
  table: string
  /** State entry of the token id of each code, where the codes are some of the vocabulary's rows. */
  ids: string | null
}

/**
 * Vectors of positions: rows of the embedding table for text, and for pictures what the paradigm reads them as.
 * @param tensors the state, and the inputs of `positionSpecs`
 * @returns [B · L, width]
 */
export function embedPositions(tensors: Parameters, reading: Reading): Tensor {
  const tokens = parameter(tensors, 'tokens')
  const rows = tokens.size
  const embedding = parameter(tensors, `language.${EMBEDDING}`)
  const isText = tf.reshape(parameter(tensors, 'isText'), [rows, 1])
  const text = tf.mul(tf.gather(embedding, tf.reshape(tokens, [rows]) as tf.Tensor1D), isText)
  const { slots, features } = reading.shape
  return tf.addN([
    text,
    ...(slots > 0 ? [codeVectors(tensors, reading, rows)] : []),
    ...(features > 0 ? [featureVectors(tensors, reading, rows)] : []),
    ...(reading.shape.places > 0 ? [placeVectors(tensors, rows)] : []),
  ])
}

/** Where in its picture a vector is; nothing for text. */
function placeVectors(tensors: Parameters, rows: number): Tensor {
  const places = tf.reshape(parameter(tensors, 'places'), [rows * 2]) as tf.Tensor1D
  const gathered = tf.gather(parameter(tensors, `multimodal.${PLACES}`), places)
  const width = gathered.shape[1] as number
  const isPlaced = tf.reshape(parameter(tensors, 'isPlaced'), [rows, 2, 1])
  return tf.sum(tf.mul(tf.reshape(gathered, [rows, 2, width]), isPlaced), 1)
}

/** What the encoder gave: as it is where codes are the language model's, else through an MLP of two layers (LLaVA-1.5). */
function featureVectors(tensors: Parameters, { config, shape }: Reading, rows: number): Tensor {
  const flat = tf.reshape(parameter(tensors, 'features'), [rows, shape.features])
  if (config.multimodal.paradigm !== 'visual-encoder') return flat
  const own = branch(tensors, 'multimodal')
  const layer = (x: Tensor, at: number) =>
    tf.add(linear(x, parameter(own, `projector.${at}.kernel`)), parameter(own, `projector.${at}.bias`))
  return tf.mul(layer(gelu(layer(flat, 0)), 1), tf.reshape(parameter(tensors, 'isFeatures'), [rows, 1]))
}

function codeVectors(tensors: Parameters, { config, shape, table, ids }: Reading, rows: number): Tensor {
  const { slots } = shape
  const { paradigm, vectors } = config.multimodal
  const codes = tf.reshape(parameter(tensors, 'codes'), [rows * slots]) as tf.Tensor1D
  const source =
    paradigm === 'visual-tokenizer'
      ? parameter(tensors, `multimodal.${CODE_ROWS}`)
      : parameter(tensors, vectors === 'codebook' ? table : `language.${EMBEDDING}`)
  const named =
    paradigm === 'unified' && vectors === 'language' && ids
      ? (tf.gather(parameter(tensors, ids), codes) as tf.Tensor1D)
      : codes
  const gathered = tf.gather(source, named)
  const width = gathered.shape[1] as number
  const weights = tf.reshape(parameter(tensors, 'slotWeights'), [rows, slots, 1])
  const summed = tf.sum(tf.mul(tf.reshape(gathered, [rows, slots, width]), weights), 1)
  if (shape.weights !== null) return summed
  const joined = tf.matMul(
    tf.reshape(gathered, [rows, slots * width]) as tf.Tensor2D,
    parameter(tensors, `multimodal.${JOIN}`) as tf.Tensor2D,
  )
  return tf.add(summed, tf.mul(joined, tf.reshape(parameter(tensors, 'isJoined'), [rows, 1])))
}

/**
 * Logits of the token after each row: over the vocabulary, and over the visual codes where they have rows of their own.
 * @param x [R, width], out of the last block
 * @returns [R, K] or [R, K + Kv]
 */
export function outputLogits(
  tensors: Parameters,
  x: Tensor,
  shape: LlamaShape,
  { config }: Pick<Reading, 'config'>,
): Tensor {
  const language = branch(tensors, 'language')
  const normed = lastNorm(language, x, shape)
  const words = linear(normed, parameter(language, shape.untied ? HEAD : EMBEDDING))
  if (config.multimodal.paradigm !== 'visual-tokenizer') return words
  return tf.concat([words, linear(normed, parameter(tensors, `multimodal.${CODE_ROWS}`))], 1)
}
