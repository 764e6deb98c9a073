import { cardValue, type MetricCard } from '../../../src-shared/metric-card.ts'
import { mean, sampleStd, studentQuantile } from '../../../src-shared/statistics.ts'
import { DataError, reasonOf } from '../../data/source.ts'
import { l1, mse, type Pixels, psnrOfMse } from '../image-errors.ts'
import type { NetworkSource } from '../networks/network-source.ts'
import type { Raster } from '../resampling.ts'
import { SSIM_SMALLEST, ssim } from '../structural-similarity.ts'
import type { Gallery } from './gallery.ts'
import { requireGoing, type Watch } from './progress.ts'

export const pairMetrics = ['psnr', 'ssim', 'l1', 'mse', 'lpips'] as const
export type PairMetric = (typeof pairMetrics)[number]

/** A distance of two pictures by a network: LPIPS. */
export interface PairNetwork {
  source: NetworkSource
  definition: string
  /** @param x, y RGB of one size */
  measure(x: Raster<Uint8Array>, y: Raster<Uint8Array>): Promise<number>
}

type Measure = (x: Raster<Uint8Array>, y: Raster<Uint8Array>) => number | Promise<number>

/** 8-bit pictures; L1 and MSE are given of values in 0..1. */
const RANGE = 255
const pixels = (raster: Raster<Uint8Array>): Pixels => raster.data

/**
 * Means over pairs of pictures, which go by their names.
 * @throws DataError naming pictures without a partner, or a pair of different sizes
 */
export async function pairCards(
  measured: Gallery,
  originals: Gallery,
  wanted: readonly PairMetric[],
  lpips: PairNetwork | null,
  watch: Watch,
): Promise<MetricCard[]> {
  requirePartners(measured, originals)
  const measures = new Map<PairMetric, Measure>(wanted.map((metric) => [metric, measureOf(metric, lpips)]))
  // By name, not by place: endings may sort the two sides differently.
  const placeOf = new Map(originals.names.map((name, at) => [name, at]))
  const values = new Map<PairMetric, number[]>(wanted.map((metric) => [metric, []]))
  const unreadable: string[] = []
  for (const [at, name] of measured.names.entries()) {
    requireGoing(watch)
    const pair = await Promise.all([measured.read(at), originals.read(placeOf.get(name) as number)]).catch(
      (error: unknown) => {
        unreadable.push(`${name} (${reasonOf(error)})`)
        return null
      },
    )
    watch.onProgress(at + 1, measured.names.length, 'pairs')
    if (!pair) continue
    const [x, y] = pair
    if (x.width !== y.width || x.height !== y.height)
      throw new DataError(
        `"${name}" is ${x.width} × ${x.height} px in ${measured.words} and ${y.width} × ${y.height} px in ${originals.words}; bring both to one size with --size`,
      )
    // SSIM needs pictures as large as its window; a single such picture is no reason to lose the others.
    for (const [metric, measure] of measures)
      if (metric !== 'ssim' || Math.min(x.width, x.height) >= SSIM_SMALLEST)
        values.get(metric)?.push(await measure(x, y))
  }
  if (unreadable.length === measured.names.length)
    throw new DataError(`none of ${unreadable.length} pairs can be read; the first: ${unreadable[0]}`)
  const hash = await originals.contentHash()
  return wanted.flatMap((metric) => {
    const own = values.get(metric) as number[]
    if (own.length === 0)
      throw new DataError(`no pair is large enough for ${metric.toUpperCase()}: its window is ${SSIM_SMALLEST} px wide`)
    const read = measured.names.length - unreadable.length
    return [
      {
        ...described(metric, lpips),
        value: cardValue(mean(own)),
        resize: measured.crop || 'pictures at their own size, 8 bits',
        reference: `${originals.words}, ${originals.names.length} pictures, sha256 ${hash}`,
        count: own.length,
        seed: null,
        interval: intervalOf(own),
        bias: 'None: a mean over pairs.',
        warnings: [
          ...(unreadable.length > 0
            ? [`${unreadable.length} pairs could not be read and were left out; the first: ${unreadable[0]}.`]
            : []),
          ...(own.length < read
            ? [`${read - own.length} pairs are smaller than ${SSIM_SMALLEST} px and were left out.`]
            : []),
          ...(own.some((value) => value === Number.POSITIVE_INFINITY)
            ? ['Some pairs are identical: their PSNR is infinite, and so is the mean.']
            : []),
        ],
      },
    ]
  })
}

function requirePartners(measured: Gallery, originals: Gallery): void {
  const missing = (of: Gallery, within: Gallery): void => {
    const there = new Set(within.names)
    const alone = of.names.filter((name) => !there.has(name))
    if (alone.length > 0)
      throw new DataError(
        `${alone.length} pictures of ${of.words} have no partner of the same name in ${within.words}: ${alone.slice(0, 3).join(', ')}${alone.length > 3 ? ', …' : ''}; pairs need the same names on both sides`,
      )
  }
  missing(measured, originals)
  missing(originals, measured)
}

function measureOf(metric: PairMetric, lpips: PairNetwork | null): Measure {
  switch (metric) {
    case 'psnr':
      return (x, y) => psnrOfMse(mse(pixels(x), pixels(y)), RANGE)
    case 'ssim':
      return (x, y) => ssim(pixels(x), pixels(y), x, RANGE)
    case 'l1':
      return (x, y) => l1(pixels(x), pixels(y)) / RANGE
    case 'mse':
      return (x, y) => mse(pixels(x), pixels(y)) / RANGE ** 2
    case 'lpips':
      if (!lpips) throw new DataError('LPIPS needs its weights: give VGG16 and the linear layers with --lpips')
      return (x, y) => lpips.measure(x, y)
  }
}

function described(
  metric: PairMetric,
  lpips: PairNetwork | null,
): Pick<MetricCard, 'metric' | 'unit' | 'higherIsBetter' | 'definition' | 'source' | 'extractor'> {
  const shared = { extractor: null }
  switch (metric) {
    case 'psnr':
      return {
        ...shared,
        metric: 'PSNR',
        unit: 'dB',
        higherIsBetter: true,
        definition: 'Mean over pairs of 10 log10(255² / MSE) of 8-bit RGB; not the PSNR of the mean error.',
        source: 'scikit-image peak_signal_noise_ratio',
      }
    case 'ssim':
      return {
        ...shared,
        metric: 'SSIM',
        unit: '1: identical',
        higherIsBetter: true,
        definition:
          'Mean over pairs of SSIM: Gaussian window of 11 × 11, σ 1.5, population moments, K₁ 0.01, K₂ 0.03, data range 255, mean over channels and windows inside the picture.',
        source: 'Wang et al. 2004; scikit-image with gaussian_weights and without sample covariance',
      }
    case 'l1':
      return {
        ...shared,
        metric: 'L1',
        unit: 'pixels in 0..1',
        higherIsBetter: false,
        definition: 'Mean over pairs of the mean absolute difference of 8-bit RGB, divided by 255.',
        source: 'mean absolute error',
      }
    case 'mse':
      return {
        ...shared,
        metric: 'MSE',
        unit: 'pixels in 0..1',
        higherIsBetter: false,
        definition: 'Mean over pairs of the mean squared difference of 8-bit RGB, divided by 255².',
        source: 'mean squared error',
      }
    case 'lpips':
      return {
        metric: 'LPIPS',
        unit: 'weighted feature distance',
        higherIsBetter: false,
        definition: lpips?.definition ?? '',
        source: 'Zhang et al. 2018, version 0.1',
        extractor: lpips?.source ?? null,
      }
  }
}

/** 95 % of a mean over pairs, by Student's t; null of one pair, and where a value is infinite. */
export function intervalOf(values: readonly number[]): MetricCard['interval'] {
  if (values.length < 2 || !values.every(Number.isFinite)) return null
  const centre = mean(values)
  const reach = (studentQuantile(0.975, values.length - 1) * sampleStd(values)) / Math.sqrt(values.length)
  return { low: centre - reach, high: centre + reach, method: '95 %, Student’s t over pairs' }
}
