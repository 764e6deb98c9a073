import { stopGradient, straightThrough } from '../../engine/gradients.ts'
import { nearestCode } from '../../engine/operations/nearest-code.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import type { Assignment, Quantizer } from './quantizer.ts'

/** Rows of the codebook at the given indices, any shape: [...] → [..., n]. */
export const lookUp = (codebook: Tensor, indices: Tensor): Tensor => tf.gather(codebook, indices as tf.Tensor1D)

/**
 * Nearest codes of a map of vectors.
 * @param map [B, h, w, n] @returns codes int32 [B, h, w]; their vectors [B, h, w, n] without gradient; the assignment
 */
export function assign(map: Tensor, codebook: Tensor): { codes: Tensor; vectors: Tensor; assignment: Assignment } {
  const [batch, height, width, n] = map.shape as [number, number, number, number]
  const features = tf.reshape(stopGradient(map), [batch * height * width, n]) as tf.Tensor2D
  const indices = nearestCode(features, codebook)
  const vectors = tf.reshape(lookUp(stopGradient(codebook), indices), map.shape)
  return { codes: tf.reshape(indices, [batch, height, width]), vectors, assignment: { features, indices } }
}

/** Mean over all elements of (x − sg[q])². */
export const commitmentLoss = (x: Tensor, quantized: Tensor): tf.Scalar =>
  tf.mean(tf.squaredDifference(x, stopGradient(quantized)))

/** Plain vector quantization (van den Oord et al. 2017): one code per position. */
export const vq = (width: number): Quantizer => ({
  encoderFeatures: width,
  decoderFeatures: width,
  specs: {},
  quantize(_, h, codebook) {
    const { codes, vectors, assignment } = assign(h, codebook)
    return {
      quantized: straightThrough(h, vectors),
      codes: [codes],
      commitment: commitmentLoss(h, vectors),
      assignments: [assignment],
    }
  },
  embed: (_, [codes], codebook) => lookUp(codebook, codes as Tensor),
})
