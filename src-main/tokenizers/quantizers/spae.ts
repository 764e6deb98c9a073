import { stopGradient, straightThrough } from '../../engine/gradients.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import type { Assigned, Quantizer, Search } from './quantizer.ts'
import { commitmentLoss, inOneCodebook, lookUp } from './search.ts'

/**
 * The pyramid of SPAE (Yu et al. 2023, section 3.1), meant for a language model's table that never changes. Layer l has
 * m_l × m_l tokens, and quantizes the encoder's map z only at the positions of its dilated grid
 *   P(l) = { (t·i + ⌊t/2⌋, t·j + ⌊t/2⌋) : 0 ≤ i, j < m_l },  t = side / m_l
 * (the paper's Eq. 1, counted from 0), so that few words stand for the whole picture first and details come later.
 *
 * Streaming average quantization: a position is represented by the average of the codes it has so far,
 *   ẑ_≤l = Σ_{i ≤ l, at P(i)} e_i / |{i ≤ l : at P(i)}|,
 * and what layer l quantizes there is z with the remainders of the layers before added,
 *   z_l = z + Σ_{i < l, at P(i)} (z − e_i).
 * The commitment loss is the mean over layers of (z − sg[ẑ_≤l])² at the layer's positions; the straight-through estimator
 * stands on the average of all. The CLIP-guided semantic loss of the paper is a loss and not part of the quantizer.
 * @param sides m_l of each layer, none smaller than the one before, the last the side of the map
 */
export const spae = (width: number, sides: readonly number[], search: Search = inOneCodebook): Quantizer => {
  const side = sides.at(-1) as number
  const grids = sides.map((size) => ({ size, stride: side / size, offset: Math.floor(side / size / 2) }))
  const counts = codesPerPosition(grids, side)

  const average = (sum: Tensor): Tensor =>
    tf.div(sum, tf.tensor(Float32Array.from(counts.at(-1) as number[]), [1, side, side, 1]))

  return {
    encoderFeatures: width,
    decoderFeatures: width,
    specs: {},
    quantize(_, h, codebook) {
      let sum: Tensor | null = null
      const found: Assigned[] = []
      const commitments: Tensor[] = []
      for (const [layer, grid] of grids.entries()) {
        const z = sample(h, grid)
        const before = tf.tensor(Float32Array.from(taken(counts[layer] as number[], side, grid)), [
          1,
          grid.size,
          grid.size,
          1,
        ])
        const seen: Tensor = sum ? sample(sum, grid) : tf.zerosLike(z)
        const remainders = tf.sub(tf.mul(stopGradient(z), tf.add(before, 1)), seen)
        const assigned = search(remainders, codebook, layer)
        found.push(assigned)
        commitments.push(commitmentLoss(z, tf.div(tf.add(seen, assigned.vectors), tf.add(before, 1))))
        const placed = place(assigned.vectors, grid)
        sum = sum ? tf.add(sum, placed) : placed
      }
      return {
        quantized: straightThrough(h, average(sum as unknown as Tensor)),
        codes: found.map(({ codes }) => codes),
        commitment: tf.div(tf.addN(commitments), grids.length) as tf.Scalar,
        assignments: found.map(({ assignment }) => assignment),
      }
    },
    embed: (_, codes, codebook) =>
      average(
        codes
          .map((map, layer) => place(lookUp(codebook, map), grids[layer] as DilatedGrid))
          .reduce((a, b) => tf.add(a, b)),
      ),
  }
}

/** Every `stride`-th position of a map from `offset` on, `size` of them in both directions. */
interface DilatedGrid {
  size: number
  stride: number
  offset: number
}

/** The vectors at a grid's positions: [B, s, s, n] → [B, m, m, n]. */
function sample(map: Tensor, { size, stride, offset }: DilatedGrid): Tensor {
  if (stride === 1) return map
  const [batch, , , n] = map.shape as [number, number, number, number]
  const blocks = tf.reshape(map, [batch, size, stride, size, stride, n])
  const chosen = tf.slice(blocks, [0, 0, offset, 0, offset, 0], [batch, size, 1, size, 1, n])
  return tf.reshape(chosen, [batch, size, size, n])
}

/** The inverse, with zeros elsewhere: [B, m, m, n] → [B, s, s, n]. */
function place(map: Tensor, { size, stride, offset }: DilatedGrid): Tensor {
  if (stride === 1) return map
  const [batch, , , n] = map.shape as [number, number, number, number]
  const around: [number, number] = [offset, stride - 1 - offset]
  const none: [number, number] = [0, 0]
  const blocks = tf.reshape(map, [batch, size, 1, size, 1, n])
  return tf.reshape(tf.pad(blocks, [none, none, around, none, around, none]), [batch, size * stride, size * stride, n])
}

/** Codes that each position has before each layer, and after the last: [L + 1][s · s]. */
function codesPerPosition(grids: readonly DilatedGrid[], side: number): number[][] {
  const now = new Array<number>(side * side).fill(0)
  const all = [[...now]]
  for (const { size, stride, offset } of grids) {
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++)
        (now[(row * stride + offset) * side + column * stride + offset] as number)++
    all.push([...now])
  }
  return all
}

/** The numbers at a grid's positions, row by row. */
const taken = (numbers: readonly number[], side: number, { size, stride, offset }: DilatedGrid): number[] =>
  Array.from({ length: size * size }, (_, at) => {
    const [row, column] = [Math.floor(at / size), at % size]
    return numbers[(row * stride + offset) * side + column * stride + offset] as number
  })
