import { sizeOf } from '../../engine/ir.ts'
import { BLOCKS, dequantise, type StoredType } from './dequantise.ts'
import type { WeightFile } from './weight-file.ts'

/** A tensor in a file of weights. Nothing of it is in memory until it is read, and nothing stays. */
export interface WeightTensor {
  /** Outermost first; linear weights are [out, in]. */
  shape: readonly number[]
  type: StoredType
  /** All of it as float32. */
  read(): Promise<Float32Array>
  /** All of it as it is stored, whole rows of blocks, in the same order of rows as `read`. */
  readRaw(): Promise<Uint8Array>
}

/** Bytes taken from the file at a time while widening. */
const CHUNK = 8 << 20

/**
 * A tensor of `type` whose data begins at byte `offset`. The file is known to hold all of it.
 * @param rowOf our row for each stored row, where the two orders differ
 */
export function weightTensor(
  file: WeightFile,
  offset: number,
  shape: readonly number[],
  type: StoredType,
  rowOf?: (row: number) => number,
): WeightTensor {
  const width = shape.at(-1) ?? 1
  const rowBytes = (width / BLOCKS[type].elements) * BLOCKS[type].bytes
  const rows = width === 0 ? 0 : sizeOf(shape) / width

  /** Hands out whole rows, some at a time. */
  async function eachChunk(visit: (bytes: Uint8Array, row: number, count: number) => void): Promise<void> {
    const most = Math.max(1, Math.floor(CHUNK / rowBytes))
    const buffer = new Uint8Array(Math.min(most, rows) * rowBytes)
    for (let row = 0; row < rows; row += most) {
      const count = Math.min(most, rows - row)
      const bytes = buffer.subarray(0, count * rowBytes)
      await file.readInto(bytes, offset + row * rowBytes)
      visit(bytes, row, count)
    }
  }

  return {
    shape,
    type,
    read: async () => {
      const out = new Float32Array(rows * width)
      await eachChunk((bytes, row, count) => {
        if (!rowOf) return dequantise(type, bytes, out.subarray(row * width, (row + count) * width))
        for (let at = 0; at < count; at++) {
          const to = rowOf(row + at) * width
          dequantise(type, bytes.subarray(at * rowBytes, (at + 1) * rowBytes), out.subarray(to, to + width))
        }
      })
      return out
    },
    readRaw: async () => {
      if (!rowOf) return file.read(offset, rows * rowBytes)
      const out = new Uint8Array(rows * rowBytes)
      await eachChunk((bytes, row, count) => {
        for (let at = 0; at < count; at++)
          out.set(bytes.subarray(at * rowBytes, (at + 1) * rowBytes), rowOf(row + at) * rowBytes)
      })
      return out
    },
  }
}
