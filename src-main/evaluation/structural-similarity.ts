import { PictureSizeError, type Pixels } from './image-errors.ts'

/** The constants of Wang et al. 2004. */
const [K1, K2] = [0.01, 0.03]
const RADIUS = 5
/** Gaussian window of 11 × 11, σ 1.5, weights that sum to 1. */
const GAUSSIAN = (() => {
  const weights = Array.from({ length: 2 * RADIUS + 1 }, (_, at) => Math.exp(-((at - RADIUS) ** 2) / (2 * 1.5 ** 2)))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
})()

interface Convention {
  /** Weights of the window along an axis. */
  window: readonly number[]
  /** What population moments are multiplied by. */
  moments: number
  /** Mirrored pixels around the picture (the edge not repeated), so that every position counts. */
  mirrored: boolean
}

/** Smallest side of a picture that holds a whole window. */
export const SSIM_SMALLEST = GAUSSIAN.length

/** Height, width and channels of pictures. */
export interface PictureShape {
  height: number
  width: number
  channels: number
}

/**
 * SSIM (Wang et al. 2004) of one picture in scikit-image's convention with Gaussian weights and population moments: mean
 * over channels and over the positions whose window lies inside the picture. 1 for identical pictures.
 * @param x, y [height, width, channels], flat
 * @param dataRange largest minus smallest possible value: 255, 1 or 2
 * @throws PictureSizeError if the sizes differ or the picture is smaller than the window
 */
export const ssim = (x: Pixels, y: Pixels, shape: PictureShape, dataRange: number): number =>
  similarity(x, y, shape, dataRange, { window: GAUSSIAN, moments: 1, mirrored: false })

/** As torchmetrics 1.9 computes it: the picture is first mirrored at its borders by 5 pixels, and every position counts. */
export const ssimTorchmetrics = (x: Pixels, y: Pixels, shape: PictureShape, dataRange: number): number =>
  similarity(x, y, shape, dataRange, { window: GAUSSIAN, moments: 1, mirrored: true })

const UNIFORM = Array.from({ length: 7 }, () => 1 / 7)

/**
 * As LlamaGen reports it: a uniform window of 7 × 7, sample moments, and a data range twice that of the values, so that it
 * is higher than the others and comparable only with itself. @param dataRange of the values
 */
export const ssimLlamaGen = (x: Pixels, y: Pixels, shape: PictureShape, dataRange: number): number =>
  similarity(x, y, shape, 2 * dataRange, { window: UNIFORM, moments: 49 / 48, mirrored: false })

function similarity(
  x: Pixels,
  y: Pixels,
  { height, width, channels }: PictureShape,
  dataRange: number,
  { window, moments, mirrored }: Convention,
): number {
  if (x.length !== y.length || x.length !== height * width * channels)
    throw new PictureSizeError(
      `${x.length} and ${y.length} values are not two pictures of ${height} × ${width} × ${channels}`,
    )
  if (height < window.length || width < window.length)
    throw new PictureSizeError(`a picture of ${height} × ${width} is smaller than SSIM's window of ${window.length} px`)
  const [c1, c2] = [(K1 * dataRange) ** 2, (K2 * dataRange) ** 2]
  const border = mirrored ? (window.length - 1) / 2 : 0
  const [tall, wide] = [height + 2 * border, width + 2 * border]
  const planes = Array.from({ length: 5 }, () => new Float64Array(tall * wide))
  const [xs, ys, xx, yy, xy] = planes as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]
  let total = 0
  for (let channel = 0; channel < channels; channel++) {
    for (let at = 0; at < tall * wide; at++) {
      const row = mirroredAt(Math.floor(at / wide) - border, height)
      const from = (row * width + mirroredAt((at % wide) - border, width)) * channels + channel
      const [a, b] = [x[from] as number, y[from] as number]
      xs[at] = a
      ys[at] = b
      xx[at] = a * a
      yy[at] = b * b
      xy[at] = a * b
    }
    const [mx, my, mxx, myy, mxy] = planes.map((plane) => windowed(plane, tall, wide, window)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    let sum = 0
    for (let at = 0; at < mx.length; at++) {
      const [meanX, meanY] = [mx[at] as number, my[at] as number]
      const varianceX = moments * ((mxx[at] as number) - meanX * meanX)
      const varianceY = moments * ((myy[at] as number) - meanY * meanY)
      const covariance = moments * ((mxy[at] as number) - meanX * meanY)
      sum +=
        ((2 * meanX * meanY + c1) * (2 * covariance + c2)) /
        ((meanX * meanX + meanY * meanY + c1) * (varianceX + varianceY + c2))
    }
    total += sum / mx.length
  }
  return total / channels
}

/** A place of a row of pixels that is continued as its mirror image, the last pixel not repeated. */
const mirroredAt = (at: number, length: number): number => (at < 0 ? -at : at >= length ? 2 * (length - 1) - at : at)

/** Weighted means over the window at each position where it fits, row by row. */
function windowed(plane: Float64Array, height: number, width: number, window: readonly number[]): Float64Array {
  const [rows, columns] = [height - window.length + 1, width - window.length + 1]
  const across = new Float64Array(height * columns)
  for (let row = 0; row < height; row++)
    for (let column = 0; column < columns; column++) {
      let sum = 0
      const from = row * width + column
      for (let tap = 0; tap < window.length; tap++) sum += (window[tap] as number) * (plane[from + tap] as number)
      across[row * columns + column] = sum
    }
  const means = new Float64Array(rows * columns)
  for (let row = 0; row < rows; row++)
    for (let tap = 0; tap < window.length; tap++) {
      const weight = window[tap] as number
      const from = (row + tap) * columns
      for (let column = 0; column < columns; column++) {
        const at = row * columns + column
        means[at] = (means[at] as number) + weight * (across[from + column] as number)
      }
    }
  return means
}
