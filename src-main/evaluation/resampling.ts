/**
 * Resizing of pictures, as the tools that published figures come from do it. An axis is resized by taps: which old pixels a
 * new one is made of, and their weights.
 */
export interface Taps {
  /** Old pixels. */
  from: number
  /** For each new pixel: the first old one, and the weights from there on. */
  pixels: readonly { first: number; weights: Float64Array }[]
}

/** Interleaved values: [height, width, channels], flat. */
export interface Raster<Values extends Uint8Array | Float32Array = Uint8Array | Float32Array> {
  width: number
  height: number
  channels: number
  data: Values
}

export type Filter = 'bilinear' | 'bicubic' | 'lanczos'

/** Reach of a filter in pixels, and its value at a distance from the middle. */
const filters: Record<Filter, { reach: number; at: (x: number) => number }> = {
  bilinear: { reach: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  // Keys 1981 with a = −0.5.
  bicubic: {
    reach: 2,
    at: (x) => {
      const d = Math.abs(x)
      if (d < 1) return (1.5 * d - 2.5) * d * d + 1
      return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0
    },
  },
  lanczos: { reach: 3, at: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
}
const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

/** As Pillow: centres at half pixels, a filter that widens when a picture shrinks (antialiasing), weights that sum to 1. */
export function filterTaps(from: number, to: number, filter: Filter): Taps {
  const { reach, at } = filters[filter]
  const scale = from / to
  const widened = Math.max(1, scale)
  const pixels = Array.from({ length: to }, (_, target) => {
    const centre = (target + 0.5) * scale
    const first = Math.max(0, Math.floor(centre - reach * widened + 0.5))
    const end = Math.min(from, Math.floor(centre + reach * widened + 0.5))
    const weights = Float64Array.from({ length: end - first }, (_, tap) => at((first + tap + 0.5 - centre) / widened))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return { first, weights: weights.map((weight) => weight / total) }
  })
  return { from, pixels }
}

/** As TensorFlow 1: no half-pixel centres, bilinear between two neighbours, no antialiasing. Positions are float32. */
export const tf1Taps = (from: number, to: number): Taps => {
  const scale = Math.fround(from / to)
  return neighbourTaps(from, to, (target) => Math.fround(target * scale))
}

/** As PyTorch's interpolate with align_corners off: half-pixel centres, clamped at 0, no antialiasing. */
export const halfPixelTaps = (from: number, to: number): Taps =>
  neighbourTaps(from, to, (target) => Math.max(0, (target + 0.5) * (from / to) - 0.5))

function neighbourTaps(from: number, to: number, sourceOf: (target: number) => number): Taps {
  const pixels = Array.from({ length: to }, (_, target) => {
    const source = sourceOf(target)
    const first = Math.min(from - 1, Math.floor(source))
    const share = source - first
    return { first, weights: first + 1 < from ? Float64Array.of(1 - share, share) : Float64Array.of(1) }
  })
  return { from, pixels }
}

/** Resizes in floats, the width first; float32 between the passes as Pillow and PyTorch keep it. */
export function resampled(picture: Raster, across: Taps, down: Taps): Raster<Float32Array> {
  return pass(pass(picture, across, 'width', null, Float32Array), down, 'height', null, Float32Array)
}

/** Bits after the point of Pillow's weights for 8-bit pictures. */
const WEIGHT_BITS = 22

/** Resizes 8-bit pictures to Pillow's very bytes: weights in fixed point, each pass rounded and clipped to 8 bits. */
export function resampledBytes(
  picture: Raster<Uint8Array>,
  width: number,
  height: number,
  filter: Filter,
): Raster<Uint8Array> {
  const fixed = ({ from, pixels }: Taps): Taps => ({
    from,
    pixels: pixels.map(({ first, weights }) => ({
      first,
      weights: weights.map((weight) => Math.trunc(weight * 2 ** WEIGHT_BITS + (weight < 0 ? -0.5 : 0.5))),
    })),
  })
  const byte = (sum: number) => Math.min(255, Math.max(0, Math.floor(sum / 2 ** WEIGHT_BITS + 0.5)))
  // An axis that keeps its length is left alone.
  const wide =
    width === picture.width
      ? picture
      : pass(picture, fixed(filterTaps(picture.width, width, filter)), 'width', byte, Uint8Array)
  return height === picture.height
    ? wide
    : pass(wide, fixed(filterTaps(picture.height, height, filter)), 'height', byte, Uint8Array)
}

function pass<Values extends Uint8Array | Float32Array>(
  { width, height, channels, data }: Raster,
  { pixels }: Taps,
  axis: 'width' | 'height',
  keep: ((sum: number) => number) | null,
  Kind: new (length: number) => Values,
): Raster<Values> {
  const horizontal = axis === 'width'
  const [newWidth, newHeight] = horizontal ? [pixels.length, height] : [width, pixels.length]
  const result = new Kind(newWidth * newHeight * channels)
  // From one value to the next along the axis that is resized.
  const step = horizontal ? channels : width * channels
  for (let y = 0; y < newHeight; y++)
    for (let x = 0; x < newWidth; x++) {
      const { first, weights } = pixels[horizontal ? x : y] as Taps['pixels'][0]
      const from = horizontal ? (y * width + first) * channels : (first * width + x) * channels
      const to = (y * newWidth + x) * channels
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0
        for (let tap = 0; tap < weights.length; tap++)
          sum += (weights[tap] as number) * (data[from + tap * step + channel] as number)
        result[to + channel] = keep ? keep(sum) : sum
      }
    }
  return { width: newWidth, height: newHeight, channels, data: result }
}

/** Part of a picture. */
export function cropped<Values extends Uint8Array | Float32Array>(
  { width, channels, data }: Raster<Values>,
  left: number,
  top: number,
  newWidth: number,
  newHeight: number,
): Raster<Values> {
  const result = data.slice(0, newWidth * newHeight * channels) as Values
  for (let y = 0; y < newHeight; y++) {
    const from = ((top + y) * width + left) * channels
    result.set(data.subarray(from, from + newWidth * channels), y * newWidth * channels)
  }
  return { width: newWidth, height: newHeight, channels, data: result }
}

/** The picture in the middle of a square of one colour, as LLaVA pads before CLIP. @param colour one value a channel */
export function paddedToSquare(picture: Raster<Uint8Array>, colour: readonly number[]): Raster<Uint8Array> {
  const { width, height, channels, data } = picture
  if (width === height) return picture
  const side = Math.max(width, height)
  const square = new Uint8Array(side * side * channels)
  for (let at = 0; at < square.length; at++) square[at] = colour[at % channels] as number
  const [left, top] = [Math.floor((side - width) / 2), Math.floor((side - height) / 2)]
  for (let y = 0; y < height; y++)
    square.set(data.subarray(y * width * channels, (y + 1) * width * channels), ((top + y) * side + left) * channels)
  return { width: side, height: side, channels, data: square }
}
