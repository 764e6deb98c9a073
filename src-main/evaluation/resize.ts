import { type Tensor, tf } from '../engine/tf.ts'
import { filterTaps } from './resampling.ts'

/**
 * Bilinear resizing as Pillow does it but in floats, without rounding between the passes: centres at half pixels, and a
 * filter that widens when a picture shrinks (antialiasing).
 */

/** Weight of each old pixel in each new one along an axis: [to, from], flat; rows sum to 1. */
export function bilinearWeights(from: number, to: number): Float32Array {
  const weights = new Float32Array(to * from)
  for (const [target, { first, weights: own }] of filterTaps(from, to, 'bilinear').pixels.entries())
    weights.set(own, target * from + first)
  return weights
}

/** @param images [B, h, w, C] @returns [B, side, side, C] */
export function resizeBilinear(images: Tensor, side: number): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape as [number, number, number, number]
  if (height === side && width === side) return images as tf.Tensor4D
  const across = tf.tensor2d(bilinearWeights(width, side), [side, width])
  const down = tf.tensor2d(bilinearWeights(height, side), [side, height])
  // Each axis is one product with its weights, for which it stands last: [B, h, C, w] → [B, h, C, side], and so on.
  const rows = tf.reshape(tf.transpose(images, [0, 1, 3, 2]), [batch * height * channels, width])
  const wide = tf.reshape(tf.matMul(rows, across, false, true), [batch, height, channels, side])
  const columns = tf.reshape(tf.transpose(wide, [0, 3, 2, 1]), [batch * side * channels, height])
  const tall = tf.reshape(tf.matMul(columns, down, false, true), [batch, side, channels, side])
  return tf.transpose(tall, [0, 3, 1, 2]) as tf.Tensor4D
}
