import { FeatureSetError, type FrechetDistance } from '../frechet-distance.ts'
import { nuclearNorm } from '../nuclear-norm.ts'
import { DOUBLE_PRECISION, type FeatureStatistics } from './feature-statistics.ts'

/** A Gaussian, made ready for distances from it. */
export interface Gaussian {
  mean: Float64Array
  /** tr Σ */
  trace: number
  /** Columns of L with Σ = L Lᵀ. */
  factor: readonly Float64Array[]
}

/** @throws FeatureSetError if the matrix is no covariance */
export const gaussian = (statistics: FeatureStatistics): Gaussian => ({
  mean: statistics.mean,
  trace: traceOf(statistics),
  factor: covarianceFactor(statistics),
})

/** Fréchet distance between Gaussians given by mean and covariance. @throws FeatureSetError as `gaussian` and `gaussianDistance` */
export const statisticsDistance = (x: FeatureStatistics, y: FeatureStatistics): FrechetDistance => {
  requireSameWidth(x.mean.length, y.mean.length)
  return gaussianDistance(gaussian(x), gaussian(y))
}

/**
 * Fréchet distance between Gaussians: |μx − μy|² + tr Σx + tr Σy − 2 tr (Σx Σy)^½ (Heusel et al. 2017). The trace of the
 * root is the nuclear norm of Lxᵀ Ly with Σ = L Lᵀ by pivoted Cholesky factors, which end where a covariance has no more
 * variance than rounding leaves in it. A square root of the product itself would turn those remains, ±10⁻¹⁴, into 10⁻⁷ for
 * each missing dimension. No ridge is added to a diagonal.
 * @throws FeatureSetError if the widths differ
 */
export function gaussianDistance(x: Gaussian, y: Gaussian): FrechetDistance {
  requireSameWidth(x.mean.length, y.mean.length)
  let meanTerm = 0
  for (const [at, value] of x.mean.entries()) meanTerm += (value - (y.mean[at] as number)) ** 2
  const traceOfRoot = x.factor.length && y.factor.length ? nuclearNorm(...productOf(x.factor, y.factor)) : 0
  // Rounding leaves a set's distance from itself at ±1e-13 of its trace.
  const distance = Math.max(0, meanTerm + x.trace + y.trace - 2 * traceOfRoot)
  return { distance, meanTerm, traceX: x.trace, traceY: y.trace, traceOfRoot }
}

function requireSameWidth(x: number, y: number): void {
  if (x !== y)
    throw new FeatureSetError(
      `statistics of ${x} and of ${y} features: they are of different extractors and cannot be compared`,
    )
}

function traceOf({ mean, covariance }: FeatureStatistics): number {
  let trace = 0
  for (let at = 0; at < mean.length; at++) trace += covariance[at * mean.length + at] as number
  return trace
}

/** A pivot so much below 0, in units of what counts as rounding, is no rounding. */
const FAR_BELOW = 1e3

/**
 * Columns of L with Σ = L Lᵀ, as many as Σ has directions with variance: each step takes the dimension whose variance is
 * largest, and takes it out of the others (Higham, Accuracy and Stability, 10.3).
 * @returns rank columns of [width]
 * @throws FeatureSetError if a variance comes out negative
 */
export function covarianceFactor({ mean, covariance, precision }: FeatureStatistics): Float64Array[] {
  const width = mean.length
  // The half below the diagonal, row by row; rows change places with the pivots.
  const rows = Array.from({ length: width }, (_, at) => covariance.slice(at * width, at * width + at + 1))
  const order = Array.from({ length: width }, (_, at) => at)
  const variance = (at: number) => (rows[at] as Float64Array)[at] as number
  let largest = 0
  for (let at = 0; at < width; at++) largest = Math.max(largest, variance(at))
  const least = largest * roundingOf(precision, width)
  let rank = 0
  for (; rank < width; rank++) {
    let pivot = rank
    for (let at = rank + 1; at < width; at++) if (variance(at) > variance(pivot)) pivot = at
    if (!(variance(pivot) > least)) break
    if (pivot !== rank) exchange(rows, order, rank, pivot)
    const root = Math.sqrt(variance(rank))
    ;(rows[rank] as Float64Array)[rank] = root
    const column = new Float64Array(width - rank - 1)
    for (let at = rank + 1; at < width; at++) {
      const row = rows[at] as Float64Array
      const value = (row[rank] as number) / root
      row[rank] = value
      column[at - rank - 1] = value
      if (value === 0) continue
      for (let j = rank + 1; j <= at; j++) row[j] = (row[j] as number) - value * (column[j - rank - 1] as number)
    }
  }
  for (let at = rank; at < width; at++)
    if (!(variance(at) >= -FAR_BELOW * (least || DOUBLE_PRECISION)))
      throw new FeatureSetError(
        `the covariance has a direction with a variance of ${variance(at)} where the largest is ${largest}: it is no covariance matrix`,
      )
  return Array.from({ length: rank }, (_, column) => {
    const values = new Float64Array(width)
    for (let at = column; at < width; at++) values[order[at] as number] = (rows[at] as Float64Array)[column] as number
    return values
  })
}

/**
 * Share of the largest variance that rounding can leave in a direction without any. Sums in float64 carry their errors
 * along, at most one for each dimension; numbers that were rounded once, each for itself, add up to the root of that.
 */
const roundingOf = (precision: number, width: number): number =>
  precision * (precision === DOUBLE_PRECISION ? width : Math.sqrt(width))

/** Exchanges two dimensions of a symmetric matrix of which the lower half is kept; `low` < `high`. */
function exchange(rows: Float64Array[], order: number[], low: number, high: number): void {
  const [upper, lower] = [rows[low] as Float64Array, rows[high] as Float64Array]
  for (let at = 0; at < low; at++) [upper[at], lower[at]] = [lower[at] as number, upper[at] as number]
  ;[upper[low], lower[high]] = [lower[high] as number, upper[low] as number]
  for (let between = low + 1; between < high; between++) {
    const row = rows[between] as Float64Array
    ;[row[low], lower[between]] = [lower[between] as number, row[low] as number]
  }
  for (let below = high + 1; below < rows.length; below++) {
    const row = rows[below] as Float64Array
    ;[row[low], row[high]] = [row[high] as number, row[low] as number]
  }
  ;[order[low], order[high]] = [order[high] as number, order[low] as number]
}

/** Aᵀ B of two lists of columns. */
function productOf(a: readonly Float64Array[], b: readonly Float64Array[]): [rows: Float64Array[], columns: number] {
  const width = (a[0] as Float64Array).length
  const rows = a.map((left) => {
    const row = new Float64Array(b.length)
    for (const [at, right] of b.entries()) {
      let sum = 0
      for (let inner = 0; inner < width; inner++) sum += (left[inner] as number) * (right[inner] as number)
      row[at] = sum
    }
    return row
  })
  return [rows, b.length]
}
