/**
 * Number formats in which weights are stored, and how they become float32. Block formats are those of GGML
 * (https://github.com/ggml-org/ggml, ggml-quants): a run of weights shares a scale, and an offset where the name ends in 1 or K.
 */
export type StoredType = 'F32' | 'F16' | 'BF16' | 'Q8_0' | 'Q4_0' | 'Q4_1' | 'Q4_K' | 'Q6_K'

/** Weights in one block, and its bytes. */
export const BLOCKS: Readonly<Record<StoredType, { elements: number; bytes: number }>> = {
  F32: { elements: 1, bytes: 4 },
  F16: { elements: 1, bytes: 2 },
  BF16: { elements: 1, bytes: 2 },
  Q8_0: { elements: 32, bytes: 2 + 32 },
  Q4_0: { elements: 32, bytes: 2 + 16 },
  Q4_1: { elements: 32, bytes: 2 + 2 + 16 },
  Q4_K: { elements: 256, bytes: 2 + 2 + 12 + 128 },
  Q6_K: { elements: 256, bytes: 128 + 64 + 16 + 2 },
}

/**
 * @param bytes whole blocks of that type, little-endian
 * @param out as many float32 as these blocks hold
 * @throws Error if the two lengths do not belong together
 */
export function dequantise(type: StoredType, bytes: Uint8Array, out: Float32Array): void {
  const block = BLOCKS[type]
  const count = bytes.length / block.bytes
  if (!Number.isInteger(count) || count * block.elements !== out.length)
    throw new Error(
      `${bytes.length} bytes are not ${out.length} weights of ${type}: it has ${block.elements} in ${block.bytes}`,
    )
  widen[type](bytes, out)
}

/** Float32 of every float16 (IEEE 754 binary16), by its 16 bits. */
let halves: Float32Array | null = null
function halfTable(): Float32Array {
  if (halves) return halves
  const table = new Float32Array(1 << 16)
  for (let bits = 0; bits < table.length; bits++) {
    const exponent = (bits >> 10) & 31
    const fraction = bits & 1023
    const size =
      exponent === 0
        ? fraction * 2 ** -24
        : exponent === 31
          ? fraction === 0
            ? Number.POSITIVE_INFINITY
            : Number.NaN
          : (1 + fraction / 1024) * 2 ** (exponent - 15)
    table[bits] = bits & 0x8000 ? -size : size
  }
  halves = table
  return table
}

/** A float16 at a byte offset. */
const half = (table: Float32Array, bytes: Uint8Array, at: number): number =>
  table[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] as number

const signed = (byte: number): number => (byte << 24) >> 24

const widen: Record<StoredType, (bytes: Uint8Array, out: Float32Array) => void> = {
  F32: (bytes, out) => new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(bytes),

  F16: (bytes, out) => {
    const table = halfTable()
    for (let at = 0; at < out.length; at++) out[at] = half(table, bytes, 2 * at)
  },

  /** The upper half of a float32. */
  BF16: (bytes, out) => {
    const bits = new Uint32Array(out.buffer, out.byteOffset, out.length)
    for (let at = 0; at < bits.length; at++)
      bits[at] = ((bytes[2 * at] as number) << 16) | ((bytes[2 * at + 1] as number) << 24)
  },

  /** d · q, q a signed byte. */
  Q8_0: (bytes, out) => {
    const table = halfTable()
    for (let from = 0, to = 0; to < out.length; from += 34, to += 32) {
      const d = half(table, bytes, from)
      for (let at = 0; at < 32; at++) out[to + at] = d * signed(bytes[from + 2 + at] as number)
    }
  },

  /** d · (q − 8); low nibbles are the first half of the block, high ones the second. */
  Q4_0: (bytes, out) => {
    const table = halfTable()
    for (let from = 0, to = 0; to < out.length; from += 18, to += 32) {
      const d = half(table, bytes, from)
      for (let at = 0; at < 16; at++) {
        const pair = bytes[from + 2 + at] as number
        out[to + at] = d * ((pair & 15) - 8)
        out[to + 16 + at] = d * ((pair >> 4) - 8)
      }
    }
  },

  /** d · q + m; nibbles as in Q4_0. */
  Q4_1: (bytes, out) => {
    const table = halfTable()
    for (let from = 0, to = 0; to < out.length; from += 20, to += 32) {
      const d = half(table, bytes, from)
      const m = half(table, bytes, from + 2)
      for (let at = 0; at < 16; at++) {
        const pair = bytes[from + 4 + at] as number
        out[to + at] = d * (pair & 15) + m
        out[to + 16 + at] = d * (pair >> 4) + m
      }
    }
  },

  /** d · s · q − dmin · m: eight groups of 32 with 6-bit scales s and minima m, packed into 12 bytes. */
  Q4_K: (bytes, out) => {
    const table = halfTable()
    for (let from = 0, to = 0; to < out.length; from += 144, to += 256) {
      const d = half(table, bytes, from)
      const dmin = half(table, bytes, from + 2)
      for (let group = 0; group < 8; group++) {
        const [scale, minimum] = scaleAndMinimum(bytes, from + 4, group)
        // Two groups share 32 bytes: the even one has the low nibbles, the odd one the high.
        const source = from + 16 + 32 * (group >> 1)
        const shift = group & 1 ? 4 : 0
        const step = d * scale
        const offset = dmin * minimum
        for (let at = 0; at < 32; at++)
          out[to + 32 * group + at] = step * (((bytes[source + at] as number) >> shift) & 15) - offset
      }
    }
  },

  /** d · s · (q − 32): 4 low bits and 2 high bits apart, a signed scale s for every 16 weights. */
  Q6_K: (bytes, out) => {
    const table = halfTable()
    for (let from = 0, to = 0; to < out.length; from += 210, to += 256) {
      const d = half(table, bytes, from + 208)
      for (let at = 0; at < 256; at++) {
        // Each half of 128 weights is four runs of 32: low nibbles of 64 bytes, then the high nibbles of the same.
        const side = at >> 7
        const run = (at >> 5) & 3
        const column = at & 31
        const low = ((bytes[from + 64 * side + 32 * (run & 1) + column] as number) >> (run & 2 ? 4 : 0)) & 15
        const high = ((bytes[from + 128 + 32 * side + column] as number) >> (2 * run)) & 3
        const scale = signed(bytes[from + 192 + (at >> 4)] as number)
        out[to + at] = d * scale * ((low | (high << 4)) - 32)
      }
    }
  },
}

/** The 6-bit scale and minimum of a group of Q4_K: the last four groups have their upper two bits beside the first four's. */
function scaleAndMinimum(bytes: Uint8Array, from: number, group: number): [number, number] {
  const at = (index: number) => bytes[from + index] as number
  if (group < 4) return [at(group) & 63, at(group + 4) & 63]
  return [(at(group + 4) & 15) | ((at(group - 4) >> 6) << 4), (at(group + 4) >> 4) | ((at(group) >> 6) << 4)]
}
