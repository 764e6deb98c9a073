import type { ParameterSpecs } from '../../engine/initialise.ts'
import type { Parameters } from '../../engine/parameters.ts'
import type { Tensor, tf } from '../../engine/tf.ts'

/** Vectors that were quantized in one layer, and what they became: what codebook updates are made of. */
export interface Assignment {
  /** [N, n], cut off from the gradient */
  features: tf.Tensor2D
  /** int32 [N] */
  indices: tf.Tensor1D
}

/** Nearest codes of a map of vectors. */
export interface Assigned {
  /** int32 [B, h, w], rows of the whole table */
  codes: Tensor
  /** [B, h, w, n] without gradient */
  vectors: Tensor
  assignment: Assignment
}

/**
 * How a layer looks for its codes: in the whole table, or in the rows that are its own.
 * @param map [B, h, w, n]; codebook [K, n] @param layer from 0, coarse first
 */
export type Search = (map: Tensor, codebook: Tensor, layer: number) => Assigned

export interface Quantization {
  /** What the decoder reads, [B, h, w, decoderFeatures]; gradients pass straight through to the encoder. */
  quantized: Tensor
  /** Code map of each layer, int32 [B, h_l, w_l], coarse first. */
  codes: Tensor[]
  /** Mean squared distance of features to their codes, unweighted; 0-dimensional. */
  commitment: tf.Scalar
  /** One entry per layer, coarse first. */
  assignments: Assignment[]
}

/**
 * What every quantizer is: any model takes any of them.
 * n is the width of a code.
 */
export interface Quantizer {
  /** Channels that the encoder must produce, and that the decoder will get. */
  encoderFeatures: number
  decoderFeatures: number
  /** Parameters of the quantizer's own (adapters between layers), without the codebook. */
  specs: ParameterSpecs
  /** @param h [B, s, s, encoderFeatures]; codebook [K, n], of all layers */
  quantize(parameters: Parameters, h: Tensor, codebook: Tensor): Quantization
  /** Decoder input of given code maps. @param codes int32 [B, h_l, w_l] per layer, rows of the whole table */
  embed(parameters: Parameters, codes: Tensor[], codebook: Tensor): Tensor
}
