import { type Tensor, tf } from '../engine/tf.ts'

/**
 * Bilinear resizing as Pillow does it but in floats, without rounding between the passes: centres at half pixels, and a
 * filter that widens when a picture shrinks (antialiasing).
 */

/** Weight of each old pixel in each new one along an axis: [to, from], flat; rows sum to 1. */
export function bilinearWeights(from: number, to: number): Float32Array {
  const scale = from / to
  const support = Math.max(1, scale)
  const weights = new Float32Array(to * from)
  for (let target = 0; target < to; target++) {
    const centre = (target + 0.5) * scale
    const first = Math.max(0, Math.floor(centre - support + 0.5))
    const end = Math.min(from, Math.floor(centre + support + 0.5))
    const own = Array.from({ length: end - first }, (_, at) =>
      Math.max(0, 1 - Math.abs(first + at + 0.5 - centre) / support),
    )
    const total = own.reduce((sum, weight) => sum + weight, 0)
    for (const [at, weight] of own.entries()) weights[target * from + first + at] = weight / total
  }
  return weights
}

/** @param images [B, h, w, C] @returns [B, side, side, C] */
export function resizeBilinear(images: Tensor, side: number): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape as [number, number, number, number]
  if (height === side && width === side) return images as tf.Tensor4D
  const across = tf.tensor2d(bilinearWeights(width, side), [side, width])
  const down = tf.tensor2d(bilinearWeights(height, side), [side, height])
  // Each axis is a product with its weights: [B·h, w, C] → [B·h, side, C], then [B, h, side·C] → [B, side, side·C].
  const wide = tf.matMul(
    tf.tile(tf.expandDims(across, 0), [batch * height, 1, 1]),
    tf.reshape(images, [batch * height, width, channels]),
  )
  const tall = tf.matMul(
    tf.tile(tf.expandDims(down, 0), [batch, 1, 1]),
    tf.reshape(wide, [batch, height, side * channels]),
  )
  return tf.reshape(tall, [batch, side, side, channels])
}
