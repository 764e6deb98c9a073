import { PictureSizeError, type Pixels } from './image-errors.ts'

/** Gaussian window of 11 × 11, σ 1.5, weights that sum to 1; the constants of Wang et al. 2004. */
const RADIUS = 5
const SIGMA = 1.5
const [K1, K2] = [0.01, 0.03]
const WINDOW: readonly number[] = (() => {
  const weights = Array.from({ length: 2 * RADIUS + 1 }, (_, at) => Math.exp(-((at - RADIUS) ** 2) / (2 * SIGMA ** 2)))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
})()

/** Smallest side of a picture that holds a whole window. */
export const SSIM_SMALLEST = 2 * RADIUS + 1

/**
 * SSIM (Wang et al. 2004) of one picture in scikit-image's convention with Gaussian weights and population moments: mean
 * over channels and over the positions whose window lies inside the picture. 1 for identical pictures.
 * @param x, y [height, width, channels], flat
 * @param dataRange largest minus smallest possible value: 255, 1 or 2
 * @throws PictureSizeError if the sizes differ or the picture is smaller than the window
 */
export function ssim(
  x: Pixels,
  y: Pixels,
  { height, width, channels }: { height: number; width: number; channels: number },
  dataRange: number,
): number {
  if (x.length !== y.length || x.length !== height * width * channels)
    throw new PictureSizeError(
      `${x.length} and ${y.length} values are not two pictures of ${height} × ${width} × ${channels}`,
    )
  if (height < SSIM_SMALLEST || width < SSIM_SMALLEST)
    throw new PictureSizeError(`a picture of ${height} × ${width} is smaller than SSIM's window of ${SSIM_SMALLEST} px`)
  const [c1, c2] = [(K1 * dataRange) ** 2, (K2 * dataRange) ** 2]
  const size = height * width
  const planes = Array.from({ length: 5 }, () => new Float64Array(size))
  const [xs, ys, xx, yy, xy] = planes as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]
  let total = 0
  for (let channel = 0; channel < channels; channel++) {
    for (let at = 0; at < size; at++) {
      const [a, b] = [x[at * channels + channel] as number, y[at * channels + channel] as number]
      xs[at] = a
      ys[at] = b
      xx[at] = a * a
      yy[at] = b * b
      xy[at] = a * b
    }
    const [mx, my, mxx, myy, mxy] = planes.map((plane) => windowed(plane, height, width)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    let sum = 0
    for (let at = 0; at < mx.length; at++) {
      const [meanX, meanY] = [mx[at] as number, my[at] as number]
      const varianceX = (mxx[at] as number) - meanX * meanX
      const varianceY = (myy[at] as number) - meanY * meanY
      const covariance = (mxy[at] as number) - meanX * meanY
      sum +=
        ((2 * meanX * meanY + c1) * (2 * covariance + c2)) /
        ((meanX * meanX + meanY * meanY + c1) * (varianceX + varianceY + c2))
    }
    total += sum / mx.length
  }
  return total / channels
}

/** Weighted means over the window at each position where it fits, row by row. */
function windowed(plane: Float64Array, height: number, width: number): Float64Array {
  const [rows, columns] = [height - 2 * RADIUS, width - 2 * RADIUS]
  const across = new Float64Array(height * columns)
  for (let row = 0; row < height; row++)
    for (let column = 0; column < columns; column++) {
      let sum = 0
      const from = row * width + column
      for (let tap = 0; tap < WINDOW.length; tap++) sum += (WINDOW[tap] as number) * (plane[from + tap] as number)
      across[row * columns + column] = sum
    }
  const means = new Float64Array(rows * columns)
  for (let row = 0; row < rows; row++)
    for (let tap = 0; tap < WINDOW.length; tap++) {
      const weight = WINDOW[tap] as number
      const from = (row + tap) * columns
      for (let column = 0; column < columns; column++) {
        const at = row * columns + column
        means[at] = (means[at] as number) + weight * (across[from + column] as number)
      }
    }
  return means
}
