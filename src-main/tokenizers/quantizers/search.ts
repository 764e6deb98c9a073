import { stopGradient } from '../../engine/gradients.ts'
import { nearestCode } from '../../engine/operations/nearest-code.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import type { Assigned, Search } from './quantizer.ts'

/** Rows of the codebook at the given indices, any shape: [...] → [..., n]. */
export const lookUp = (codebook: Tensor, indices: Tensor): Tensor => tf.gather(codebook, indices as tf.Tensor1D)

/** Nearest codes of a map of vectors. @param map [B, h, w, n]; codebook [K, n] */
export function assign(map: Tensor, codebook: Tensor): Assigned {
  return assignRows(map, codebook, 0, codebook.shape[0] as number)
}

/** Every layer looks in the whole table. */
export const inOneCodebook: Search = assign

/**
 * Each layer has a codebook of its own: the table is [L · K, n], and layer l looks in its rows l·K … (l + 1)·K − 1.
 * Codes are rows of the whole table, so that every code of every layer has one id.
 * @throws Error for a table that the layers cannot share out
 */
export const inCodebooksPerLayer =
  (layers: number): Search =>
  (map, codebook, layer) => {
    const rows = codebook.shape[0] as number
    if (rows % layers !== 0)
      throw new Error(`a table of ${rows} codes is not one of ${layers} codebooks of equal size; use a multiple`)
    return assignRows(map, codebook, (layer * rows) / layers, rows / layers)
  }

function assignRows(map: Tensor, codebook: Tensor, first: number, count: number): Assigned {
  const [batch, height, width, n] = map.shape as [number, number, number, number]
  const features = tf.reshape(stopGradient(map), [batch * height * width, n]) as tf.Tensor2D
  const table = stopGradient(codebook)
  const all = count === codebook.shape[0]
  const found = nearestCode(features, all ? table : tf.slice(table, [first, 0], [count, n]))
  const indices = first === 0 ? found : (tf.add(found, tf.scalar(first, 'int32')) as tf.Tensor1D)
  return {
    codes: tf.reshape(indices, [batch, height, width]),
    vectors: tf.reshape(lookUp(table, indices), map.shape),
    assignment: { features, indices },
  }
}

/** Mean over all elements of (x − sg[q])². */
export const commitmentLoss = (x: Tensor, quantized: Tensor): tf.Scalar =>
  tf.mean(tf.squaredDifference(x, stopGradient(quantized)))
