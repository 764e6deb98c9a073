import { CACHED_HEAD_UNIT } from '../engine/operations/cached-attention.ts'
import { type Tensor, tf } from '../engine/tf.ts'

/**
 * Heads filled up with zeros to a width that attention with a cache takes. Each half of a head is filled up by itself, since
 * rotary positions pair the halves; zeros stay zeros when they are rotated and add nothing to any score or value.
 */
export const paddedHeadWidth = (headWidth: number): number => Math.ceil(headWidth / CACHED_HEAD_UNIT) * CACHED_HEAD_UNIT

/** @param x [rows, heads · d] @returns [rows, heads · padded d] */
export function padHeads(x: Tensor, headWidth: number): Tensor {
  const padded = paddedHeadWidth(headWidth)
  if (padded === headWidth) return x
  const [rows, width] = x.shape as [number, number]
  const heads = width / headWidth
  const halves = tf.reshape(x, [rows * heads * 2, headWidth / 2]) as tf.Tensor2D
  const filled = tf.pad(halves, [
    [0, 0],
    [0, (padded - headWidth) / 2],
  ])
  return tf.reshape(filled, [rows, heads * padded])
}

/** The inverse of `padHeads`. @param x [rows, heads · padded d] @returns [rows, heads · d] */
export function cutHeads(x: Tensor, headWidth: number): Tensor {
  const padded = paddedHeadWidth(headWidth)
  if (padded === headWidth) return x
  const [rows, width] = x.shape as [number, number]
  const heads = width / padded
  const halves = tf.reshape(x, [rows * heads * 2, padded / 2])
  return tf.reshape(tf.slice(halves, [0, 0], [rows * heads * 2, headWidth / 2]), [rows, heads * headWidth])
}
