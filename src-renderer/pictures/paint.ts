import { diverging, type Rgb, viridis } from '../colours.ts'

/** Colours of a scale at 256 places, packed for painting; `position` runs over [0, 1] or, if signed, [−1, 1]. */
function tableOf(scale: (position: number) => Rgb, signed: boolean): Uint8ClampedArray {
  const table = new Uint8ClampedArray(256 * 3)
  for (let at = 0; at < 256; at++) table.set(scale(signed ? at / 127.5 - 1 : at / 255), at * 3)
  return table
}
const VIRIDIS = tableOf(viridis, false)
const DIVERGING = tableOf(diverging, true)

/** RGB bytes as RGBA pixels of an ImageData. */
export function rgba(bytes: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const count = bytes.length / 3
  const out = new Uint8ClampedArray(count * 4)
  for (let pixel = 0; pixel < count; pixel++) {
    out[pixel * 4] = bytes[pixel * 3] as number
    out[pixel * 4 + 1] = bytes[pixel * 3 + 1] as number
    out[pixel * 4 + 2] = bytes[pixel * 3 + 2] as number
    out[pixel * 4 + 3] = 255
  }
  return out
}

/** Mean absolute difference of two pictures over channels, 0 to 255, one value a pixel. */
export function absoluteError(a: Uint8Array, b: Uint8Array): Float32Array {
  return Float32Array.from({ length: a.length / 3 }, (_, pixel) => {
    let sum = 0
    for (let c = 0; c < 3; c++) sum += Math.abs((a[pixel * 3 + c] as number) - (b[pixel * 3 + c] as number))
    return sum / 3
  })
}

/** Mean signed difference a − b over channels, −255 to 255, one value a pixel. */
export function signedDifference(a: Uint8Array, b: Uint8Array): Float32Array {
  return Float32Array.from({ length: a.length / 3 }, (_, pixel) => {
    let sum = 0
    for (let c = 0; c < 3; c++) sum += (a[pixel * 3 + c] as number) - (b[pixel * 3 + c] as number)
    return sum / 3
  })
}

/** Mean squared error of two pictures with pixels in [−1, 1], the unit of heldout.mse. */
export function meanSquaredError(a: Uint8Array, b: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += ((a[at] as number) - (b[at] as number)) ** 2
  return sum / a.length / 127.5 ** 2
}

function painted(values: Float32Array, position: (value: number) => number, table: Uint8ClampedArray) {
  const out = new Uint8ClampedArray(values.length * 4)
  for (let pixel = 0; pixel < values.length; pixel++) {
    const at = Math.round(Math.min(1, Math.max(0, position(values[pixel] as number))) * 255) * 3
    out[pixel * 4] = table[at] as number
    out[pixel * 4 + 1] = table[at + 1] as number
    out[pixel * 4 + 2] = table[at + 2] as number
    out[pixel * 4 + 3] = 255
  }
  return out
}

/** The largest error that the error map tells apart, in grey levels of 255; beyond it the scale saturates. */
export const ERROR_SCALE = 96
/** Errors in viridis from 0 to ERROR_SCALE. */
export const paintError = (error: Float32Array) => painted(error, (value) => value / ERROR_SCALE, VIRIDIS)
/** Signed differences in the diverging scale, ±ERROR_SCALE, zero in grey. */
export const paintDifference = (difference: Float32Array) =>
  painted(difference, (value) => (value / ERROR_SCALE + 1) / 2, DIVERGING)
