/**
 * Weights in few bits: rows are cut into blocks of 32 neighbours, each with a scale and a zero point of its own,
 * w = scale · (q − zero point). The layout is that of onnxruntime's MatMulNBits: `values` [rows, blocks, 32 · bits / 8]
 * with the lower half of a byte first, `scales` [rows, blocks], `zeroPoints` [rows, blocks] in as many bits as the values.
 */
export const BLOCK = 32

export interface QuantisedMatrix {
  values: Uint8Array
  scales: Float32Array
  zeroPoints: Uint8Array
}

/** Whether a matrix of this width can be stored so: whole blocks, and whole bytes of zero points a row. */
export const fitsBlocks = (width: number, bits: 4 | 8): boolean =>
  width % BLOCK === 0 && (bits === 8 || width % 64 === 0)

/**
 * Rounds to the nearest of 2^bits even steps between the smallest and the largest of a block, 0 always among them.
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
  const put = (bytes: Uint8Array, at: number, value: number) => {
    if (bits === 8) bytes[at] = value
    else bytes[at >> 1] = (bytes[at >> 1] as number) | (value << ((at & 1) * 4))
  }
  for (let block = 0; block < blocks; block++) {
    const start = block * BLOCK
    let [low, high] = [0, 0]
    for (let at = start; at < start + BLOCK; at++) {
      const weight = weights[at] as number
      if (weight < low) low = weight
      if (weight > high) high = weight
      if (weight - weight !== 0)
        throw new Error(`weight ${at} is ${weight}; only finite weights can be stored in ${bits} bits`)
    }
    const scale = Math.fround((high - low) / highest)
    const zero = scale > 0 ? Math.min(highest, Math.max(0, Math.round(-low / scale))) : 0
    scales[block] = scale
    put(zeroPoints, block, zero)
    for (let at = start; at < start + BLOCK; at++) {
      const step = scale > 0 ? Math.round((weights[at] as number) / scale) + zero : zero
      put(values, at, Math.min(highest, Math.max(0, step)))
    }
  }
  return { values, scales, zeroPoints }
}

/** The weights that a stored matrix stands for, float32. */
export function dequantiseBlocks({ values, scales, zeroPoints }: QuantisedMatrix, bits: 4 | 8): Float32Array {
  const get = (bytes: Uint8Array, at: number): number =>
    bits === 8 ? (bytes[at] as number) : ((bytes[at >> 1] as number) >> ((at & 1) * 4)) & 15
  const weights = new Float32Array(scales.length * BLOCK)
  for (let block = 0; block < scales.length; block++) {
    const [scale, zero] = [scales[block] as number, get(zeroPoints, block)]
    for (let at = block * BLOCK; at < (block + 1) * BLOCK; at++) weights[at] = scale * (get(values, at) - zero)
  }
  return weights
}
