import { gaussian, ones, type ParameterSpecs } from '../engine/initialise.ts'
import { rmsNorm } from '../engine/operations/rms-norm.ts'
import { type Parameters, parameter } from '../engine/parameters.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import { linear } from '../language/linear.ts'
import { RMS_EPSILON } from '../language/llama.ts'
import type { PriorShape } from './prior.ts'

/** Standard deviation that embeddings and output matrices begin with, as in GPT-2. */
export const DEVIATION = 0.02

const EMBEDDING = 'embedding'
const HEAD = 'head'
const CLASSES = 'classes'
const NORM = 'norm'

/** A layer's own table, or the one for all. */
const tableOf = (name: string, { embeddings }: PriorShape, layer: number): string =>
  embeddings === 'shared' ? name : `${name}.${layer}`

/** Embeddings of codes and classes, the last norm, and the output matrices; the prior's own, not the codebook's. */
export function tableSpecs(shape: PriorShape): ParameterSpecs {
  const { width, codes, classes } = shape
  const specs: ParameterSpecs = { [CLASSES]: gaussian(DEVIATION, classes + 1, width), [NORM]: ones(width) }
  for (const [layer, count] of codes.entries())
    for (const name of [EMBEDDING, HEAD]) specs[tableOf(name, shape, layer)] = gaussian(DEVIATION, count, width)
  return specs
}

/**
 * @param codes int32 [B, h, w]
 * @param at int32 [rows]: which of the B · h · w codes; without it all of them
 * @returns [rows, width]
 */
export function embedCodes(
  parameters: Parameters,
  shape: PriorShape,
  layer: number,
  codes: Tensor,
  at?: Tensor,
): Tensor {
  const flat = tf.reshape(codes, [codes.size]) as tf.Tensor1D
  const wanted = at ? tf.gather(flat, at as tf.Tensor1D) : flat
  return tf.gather(parameter(parameters, tableOf(EMBEDDING, shape, layer)), wanted)
}

/** @param classes int32 [B] @returns [B, width] */
export const embedClasses = (parameters: Parameters, classes: Tensor): Tensor =>
  tf.gather(parameter(parameters, CLASSES), classes as tf.Tensor1D)

/** @param features [rows, width] @returns logits [rows, codes of the layer] */
export const codeLogits = (parameters: Parameters, shape: PriorShape, layer: number, features: Tensor): Tensor =>
  linear(
    rmsNorm(features, parameter(parameters, NORM), RMS_EPSILON),
    parameter(parameters, tableOf(HEAD, shape, layer)),
  )
