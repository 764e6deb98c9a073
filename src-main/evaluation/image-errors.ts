/**
 * Errors between a picture and its reconstruction. Pictures are flat arrays of values of any layout, both alike: U8 (data
 * range 255), floats in 0..1 (range 1) or in −1..1 (range 2). Sums are float64 whatever the array.
 */
export type Pixels = Float32Array | Float64Array | Uint8Array

export class PictureSizeError extends Error {
  override name = 'PictureSizeError'
}

/** Mean absolute error over all values. @throws PictureSizeError if the sizes differ or are 0 */
export const l1 = (x: Pixels, y: Pixels): number => meanOver(x, y, Math.abs)

/** Mean squared error over all values. @throws PictureSizeError if the sizes differ or are 0 */
export const mse = (x: Pixels, y: Pixels): number => meanOver(x, y, (difference) => difference * difference)

/**
 * Peak signal-to-noise ratio in dB of a mean squared error: 10·log10(range² / mse); Infinity for 0.
 * @param dataRange largest minus smallest possible value: 255, 1 or 2; PSNR does not depend on which, if it fits the values
 */
export const psnrOfMse = (meanSquaredError: number, dataRange: number): number =>
  10 * Math.log10(dataRange ** 2 / meanSquaredError)

/** PSNR of one picture in dB; Infinity if the two are identical. @throws PictureSizeError as mse */
export const psnr = (x: Pixels, y: Pixels, dataRange: number): number => psnrOfMse(mse(x, y), dataRange)

/** Errors of a batch, per picture and over the batch. */
export interface PictureErrors {
  /** Mean absolute error of each picture. */
  l1: number[]
  /** Mean squared error of each picture. */
  mse: number[]
  /** dB, of each picture. */
  psnr: number[]
  l1Mean: number
  mseMean: number
  /** Mean of the PSNRs of the pictures: the one to report. Infinity if any two pictures are identical. */
  psnrMean: number
  /** PSNR of the mean MSE over the batch, as torchmetrics returns by default; not the mean of the PSNRs. */
  psnrPooled: number
}

/**
 * L1, MSE and PSNR of a batch of pictures of one size.
 * @param x [pictures, …] originals, flat
 * @param y the same layout, reconstructions
 * @throws PictureSizeError if the arrays differ in size or are not that many pictures
 */
export function pictureErrors(x: Pixels, y: Pixels, pictures: number, dataRange: number): PictureErrors {
  if (!Number.isInteger(pictures) || pictures < 1 || x.length % pictures !== 0)
    throw new PictureSizeError(`${x.length} values are not ${pictures} pictures of one size`)
  if (x.length !== y.length)
    throw new PictureSizeError(`${x.length} values of originals against ${y.length} of reconstructions`)
  const size = x.length / pictures
  const of = (error: (x: Pixels, y: Pixels) => number) =>
    Array.from({ length: pictures }, (_, picture) =>
      error(x.subarray(picture * size, (picture + 1) * size), y.subarray(picture * size, (picture + 1) * size)),
    )
  const l1s = of(l1)
  const mses = of(mse)
  const psnrs = mses.map((value) => psnrOfMse(value, dataRange))
  const mseMean = mean(mses)
  return {
    l1: l1s,
    mse: mses,
    psnr: psnrs,
    l1Mean: mean(l1s),
    mseMean,
    psnrMean: mean(psnrs),
    psnrPooled: psnrOfMse(mseMean, dataRange),
  }
}

function meanOver(x: Pixels, y: Pixels, error: (difference: number) => number): number {
  if (x.length !== y.length) throw new PictureSizeError(`a picture of ${x.length} values against one of ${y.length}`)
  if (x.length === 0) throw new PictureSizeError('two pictures without a single value: their error is not defined')
  let total = 0
  for (let i = 0; i < x.length; i++) total += error((x[i] as number) - (y[i] as number))
  return total / x.length
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
