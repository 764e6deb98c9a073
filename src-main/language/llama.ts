import type { LanguageConfig } from '../../src-shared/config.ts'
import { fanIn, gaussian, ones, type ParameterSpecs } from '../engine/initialise.ts'
import { attention } from '../engine/operations/attention.ts'
import { rmsNorm } from '../engine/operations/rms-norm.ts'
import { rotary } from '../engine/operations/rotary.ts'
import { silu } from '../engine/operations/silu.ts'
import { type Parameters, parameter } from '../engine/parameters.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import { adaptedLinear, linear } from './linear.ts'
import { type RopeScaling, rotaryFrequencies } from './rope-scaling.ts'

/**
 * A LLaMA-style decoder (Touvron et al. 2023): RMSNorm before each block, rotary positions, grouped-query attention,
 * SwiGLU feed-forward; the embedding table is also the output head (tied), and is C_L, the language side's codebook.
 */
export interface LlamaShape
  extends Pick<LanguageConfig, 'width' | 'layers' | 'heads' | 'keyValueHeads' | 'feedForward'> {
  /** Width of one head; width / heads unless given. */
  headWidth?: number
  /** Base of the rotary frequencies; 10,000 unless given. */
  ropeTheta?: number
  /** Stretches the rotary frequencies; none unless given. */
  ropeScaling?: RopeScaling
  /** ε of RMSNorm; 1e-5 unless given. */
  rmsEpsilon?: number
  /** True if the output matrix is a parameter of its own ("head"), not the embedding table. */
  untied?: boolean
  /** α of the low-rank adapters (lora.ts) that linear layers have where their parameters are given. */
  loraAlpha?: number
}

/** What sequences that are padded on the left need; without it, every position counts and the first is 0. */
export interface Padding {
  /** int32 [B, L]: 1 for a token, 0 for padding, which no token sees. */
  mask: Tensor
  /** int32 [B, L], each below L: padding does not count, so the first token is at 0. */
  positions: Tensor
}
export const RMS_EPSILON = 1e-5
export const ROPE_THETA = 10_000

/** Name of the embedding table, [K, width]. */
export const EMBEDDING = 'embedding'
/** Name of an untied output matrix, [K, width]. */
export const HEAD = 'head'

/** Parameters of the model. Linear weights are [out, in], as Hugging Face, PEFT and GGUF keep them. */
export function llamaSpecs(
  { width, layers, heads, keyValueHeads, feedForward, headWidth = width / heads, untied }: LlamaShape,
  vocabulary: number,
): ParameterSpecs {
  // Rows of norm about 1: of the order of what an encoder produces, so that frozen rows can be codes at all.
  const specs: ParameterSpecs = { [EMBEDDING]: gaussian(1 / Math.sqrt(width), vocabulary, width), norm: ones(width) }
  if (untied) specs[HEAD] = fanIn(width, vocabulary, width)
  for (let layer = 0; layer < layers; layer++)
    Object.assign(specs, {
      [`layer${layer}.attention_norm`]: ones(width),
      [`layer${layer}.q`]: fanIn(width, heads * headWidth, width),
      [`layer${layer}.k`]: fanIn(width, keyValueHeads * headWidth, width),
      [`layer${layer}.v`]: fanIn(width, keyValueHeads * headWidth, width),
      [`layer${layer}.o`]: fanIn(heads * headWidth, width, heads * headWidth),
      [`layer${layer}.feed_norm`]: ones(width),
      [`layer${layer}.gate`]: fanIn(width, feedForward, width),
      [`layer${layer}.up`]: fanIn(width, feedForward, width),
      [`layer${layer}.down`]: fanIn(feedForward, width, feedForward),
    })
  return specs
}

/** Rotary tables: angle = position · frequency, each half alike. @returns cos and sin, [L, d] */
export function ropeTables(
  positions: readonly number[],
  headWidth: number,
  theta = ROPE_THETA,
  scaling?: RopeScaling,
): { cos: Tensor; sin: Tensor } {
  const frequencies = rotaryFrequencies(headWidth, theta, scaling)
  const angles = positions.map((position) => [...frequencies, ...frequencies].map((frequency) => position * frequency))
  return {
    cos: tf.tensor2d(angles.map((row) => row.map(Math.cos))),
    sin: tf.tensor2d(angles.map((row) => row.map(Math.sin))),
  }
}

/** x · cos + rotate(x) · sin, rotate(x) = [−second half, first half]. @param x [B, heads, L, d]; tables [L, d] or [B, L, d] */
export function applyRope(x: Tensor, { cos, sin }: { cos: Tensor; sin: Tensor }): Tensor {
  const firstHalf = (table: Tensor) => tf.split(table, 2, -1)[0] as Tensor
  return rotary(x, firstHalf(cos), firstHalf(sin))
}

/** @param tokens int32 [B, L] @returns logits [B · L, K] */
export function llama(parameters: Parameters, tokens: Tensor, shape: LlamaShape, padding?: Padding): Tensor {
  const table = parameter(parameters, EMBEDDING)
  return llamaFromEmbeddings(parameters, tf.gather(table, tokens as tf.Tensor1D), shape, padding)
}

/** @param embeddings [B, L, width] @returns logits [B · L, K] */
export const llamaFromEmbeddings = (
  parameters: Parameters,
  embeddings: Tensor,
  shape: LlamaShape,
  padding?: Padding,
): Tensor => logitsOf(parameters, llamaStates(parameters, embeddings, shape, padding), shape)

/** @param embeddings [B, L, width] @returns [B · L, width], before the last norm */
export function llamaStates(parameters: Parameters, embeddings: Tensor, shape: LlamaShape, padding?: Padding): Tensor {
  const [batch, length] = embeddings.shape as [number, number]
  const { headWidth = shape.width / shape.heads } = shape
  const positions = Array.from({ length }, (_, position) => position)
  const tables = ropeTables(positions, headWidth, shape.ropeTheta, shape.ropeScaling)
  const rope = padding ? tablesAt(tables, padding.positions) : tables
  const mask = padding && paddingMask(padding.mask)
  const split = (projected: Tensor, count: number) =>
    tf.transpose(tf.reshape(projected, [batch, length, count, headWidth]), [0, 2, 1, 3])
  return decoderBlocks(parameters, tf.reshape(embeddings, [batch * length, shape.width]), shape, ({ q, k, v }) => {
    const [queries, keys] = [applyRope(split(q, shape.heads), rope), applyRope(split(k, shape.keyValueHeads), rope)]
    const mixed = attention(queries, keys, split(v, shape.keyValueHeads), { causal: true, ...(mask ? { mask } : {}) })
    return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch * length, shape.heads * headWidth])
  })
}

/** Queries [rows, heads · d], keys and values [rows, key-value heads · d] of one block. */
export interface Projections {
  q: Tensor
  k: Tensor
  v: Tensor
}

/**
 * The blocks of the decoder, whatever mixes positions.
 * @param x [rows, width]
 * @param mix what each query gets from the values, [rows, heads · d]
 * @returns [rows, width], before the last norm
 */
export function decoderBlocks(
  parameters: Parameters,
  embedded: Tensor,
  shape: LlamaShape,
  mix: (projections: Projections, layer: number) => Tensor,
): Tensor {
  const { rmsEpsilon = RMS_EPSILON } = shape
  let x = embedded
  for (let layer = 0; layer < shape.layers; layer++) {
    const at = (name: string) => parameter(parameters, `layer${layer}.${name}`)
    const project: Projection = (name, input) =>
      adaptedLinear(parameters, `layer${layer}.${name}`, input, shape.loraAlpha)
    const attended = rmsNorm(x, at('attention_norm'), rmsEpsilon)
    const projections = { q: project('q', attended), k: project('k', attended), v: project('v', attended) }
    x = tf.add(x, project('o', mix(projections, layer)))
    x = tf.add(x, feedForward(project, rmsNorm(x, at('feed_norm'), rmsEpsilon)))
  }
  return x
}

/** @param x [rows, width], out of the last block @returns what the output matrix reads, [rows, width] */
export const lastNorm = (parameters: Parameters, x: Tensor, { rmsEpsilon = RMS_EPSILON }: LlamaShape): Tensor =>
  rmsNorm(x, parameter(parameters, 'norm'), rmsEpsilon)

/** @param x [rows, width], out of the last block @returns logits [rows, K] */
export const logitsOf = (parameters: Parameters, x: Tensor, shape: LlamaShape): Tensor =>
  linear(lastNorm(parameters, x, shape), parameter(parameters, shape.untied ? HEAD : EMBEDDING))

/** Rows of the tables for each sequence's own positions. @param positions int32 [B, L] @returns [B, L, d] */
const tablesAt = ({ cos, sin }: { cos: Tensor; sin: Tensor }, positions: Tensor): { cos: Tensor; sin: Tensor } => ({
  cos: tf.gather(cos, positions as tf.Tensor1D),
  sin: tf.gather(sin, positions as tf.Tensor1D),
})

/** −1e9 for keys that are padding. @param mask int32 [B, L] @returns [B, 1, 1, L] */
const paddingMask = (mask: Tensor): Tensor =>
  tf.mul(
    tf.sub(1, tf.cast(tf.reshape(mask, [mask.shape[0] as number, 1, 1, mask.shape[1] as number]), 'float32')),
    -1e9,
  )

/** A linear layer of one block, by its name in there. */
type Projection = (name: string, x: Tensor) => Tensor

const feedForward = (project: Projection, x: Tensor): Tensor =>
  project('down', tf.mul(silu(project('gate', x)), project('up', x)))
