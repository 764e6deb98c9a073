/**
 * Weights in few bits: rows are cut into blocks of 32 neighbours, each with a scale and a whole zero point of its own,
 * w = scale · (q − zero point), and in 4 bits with an offset besides, of at most half a step: so a block's smallest and
 * largest weights are met exactly, and weights that were on such a grid before (GGUF's Q4_0 and Q4_1) stay what they are.
 * The layout is that of onnxruntime's MatMulNBits: `values` [rows, blocks, 32 · bits / 8] with the lower half of a byte
 * first, `scales` [rows, blocks], `zeroPoints` [rows, blocks] in as many bits as the values; `offsets` [rows, blocks].
 */
export const BLOCK = 32

export interface QuantisedMatrix {
  values: Uint8Array
  scales: Float32Array
  zeroPoints: Uint8Array
  /** In 4 bits only. */
  offsets?: Float32Array
}

/** Whether a matrix of this width can be stored so: whole blocks, and whole bytes of zero points a row. */
export const fitsBlocks = (width: number, bits: 4 | 8): boolean =>
  width % BLOCK === 0 && (bits === 8 || width % 64 === 0)

/**
 * Rounds to the nearest of 2^bits even steps between the smallest and the largest of a block; in 8 bits 0 is among them.
 * @param weights rows × width, float32
 * @throws Error for a width of no whole blocks, and for numbers that are not finite
 */
export function quantiseBlocks(weights: Float32Array, width: number, bits: 4 | 8): QuantisedMatrix {
  if (!fitsBlocks(width, bits) || weights.length % width !== 0)
    throw new Error(
      `rows of ${width} numbers cannot be stored in ${bits} bits: ${bits === 4 ? 64 : BLOCK} must divide them`,
    )
  const blocks = weights.length / BLOCK
  const highest = 2 ** bits - 1
  const values = new Uint8Array((weights.length * bits) / 8)
  const scales = new Float32Array(blocks)
  const zeroPoints = new Uint8Array((blocks * bits) / 8)
  const offsets = bits === 4 ? new Float32Array(blocks) : null
  const put = (bytes: Uint8Array, at: number, value: number) => {
    if (bits === 8) bytes[at] = value
    else bytes[at >> 1] = (bytes[at >> 1] as number) | (value << ((at & 1) * 4))
  }
  for (let block = 0; block < blocks; block++) {
    const start = block * BLOCK
    let [low, high] = bits === 8 ? [0, 0] : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (let at = start; at < start + BLOCK; at++) {
      const weight = weights[at] as number
      if (weight < low) low = weight
      if (weight > high) high = weight
      if (!Number.isFinite(weight))
        throw new Error(`weight ${at} is ${weight}; only finite weights can be stored in ${bits} bits`)
    }
    const scale = Math.fround((high - low) / highest)
    const zero = scale > 0 ? Math.min(highest, Math.max(0, Math.round(-low / scale))) : 0
    scales[block] = scale
    put(zeroPoints, block, zero)
    const offset = bits === 8 ? 0 : low + scale * zero
    if (offsets) offsets[block] = offset
    for (let at = start; at < start + BLOCK; at++) {
      const step = scale > 0 ? Math.round(((weights[at] as number) - offset) / scale) + zero : zero
      put(values, at, Math.min(highest, Math.max(0, step)))
    }
  }
  return { values, scales, zeroPoints, ...(offsets ? { offsets } : {}) }
}

/** The weights that a stored matrix stands for, float32. */
export function dequantiseBlocks({ values, scales, zeroPoints, offsets }: QuantisedMatrix, bits: 4 | 8): Float32Array {
  const get = (bytes: Uint8Array, at: number): number =>
    bits === 8 ? (bytes[at] as number) : ((bytes[at >> 1] as number) >> ((at & 1) * 4)) & 15
  const weights = new Float32Array(scales.length * BLOCK)
  for (let block = 0; block < scales.length; block++) {
    const [scale, zero, offset] = [scales[block] as number, get(zeroPoints, block), offsets?.[block] ?? 0]
    for (let at = block * BLOCK; at < (block + 1) * BLOCK; at++) weights[at] = scale * (get(values, at) - zero) + offset
  }
  return weights
}
