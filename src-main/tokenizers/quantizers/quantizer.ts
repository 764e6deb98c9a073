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
  /** @param h [B, s, s, encoderFeatures]; codebook [K, n] */
  quantize(parameters: Parameters, h: Tensor, codebook: Tensor): Quantization
  /** Decoder input of given code maps. @param codes int32 [B, h_l, w_l] per layer */
  embed(parameters: Parameters, codes: Tensor[], codebook: Tensor): Tensor
}
