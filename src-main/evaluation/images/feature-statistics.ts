import { FeatureSetError } from '../frechet-distance.ts'

/** Mean and covariance of a set of features: all that a Fréchet distance needs. */
export interface FeatureStatistics {
  /** Vectors; null where a file does not say how many. */
  count: number | null
  /** [width] */
  mean: Float64Array
  /** [width, width], flat, divisor count − 1 */
  covariance: Float64Array
  /** Relative rounding of the numbers as they were kept: 2⁻⁵² of float64, 2⁻²³ of float32. */
  precision: number
}

export const DOUBLE_PRECISION = 2 ** -52
export const SINGLE_PRECISION = 2 ** -23

/** Vectors that are centred and multiplied together. */
const BLOCK = 64

/**
 * Mean and scatter of vectors that come one after the other, in the memory of one matrix however many there are. Blocks are
 * centred on their own means and then joined (Chan, Golub & LeVeque 1983), so nothing cancels where features lie far from 0.
 */
export class StatisticsAccumulator {
  readonly width: number
  readonly #mean: Float64Array
  /** Σ (x − mean)(x − mean)ᵀ; only the half right of the diagonal, and the diagonal. */
  readonly #scatter: Float64Array
  #count = 0
  readonly #waiting: Float64Array
  #waits = 0

  constructor(width: number) {
    this.width = width
    this.#mean = new Float64Array(width)
    this.#scatter = new Float64Array(width * width)
    this.#waiting = new Float64Array(BLOCK * width)
  }

  get count(): number {
    return this.#count + this.#waits
  }

  /**
   * @param vectors [n, width], flat
   * @throws FeatureSetError for a vector of another width, or a number that is not finite; `nameOf` names the vector
   */
  add(
    vectors: Float32Array | Float64Array,
    nameOf: (row: number) => string = (row) => `vector ${this.count + row}`,
  ): void {
    const { width } = this
    if (vectors.length % width !== 0)
      throw new FeatureSetError(`${vectors.length} numbers are not vectors of ${width} features`)
    requireFinite(vectors, width, nameOf)
    for (let from = 0; from < vectors.length; from += width) {
      this.#waiting.set(vectors.subarray(from, from + width), this.#waits * width)
      if (++this.#waits === BLOCK) this.#join()
    }
  }

  /** Takes in what another one has seen. @throws FeatureSetError if the widths differ */
  addAll(other: StatisticsAccumulator): void {
    if (other.width !== this.width)
      throw new FeatureSetError(`features of ${other.width} numbers do not join those of ${this.width}`)
    this.#join()
    other.#join()
    if (other.#count === 0) return
    this.#merge(other.#count, other.#mean, other.#scatter)
  }

  /** @throws FeatureSetError for fewer than two vectors */
  statistics(): FeatureStatistics {
    this.#join()
    if (this.#count < 2) throw new FeatureSetError(`${this.#count} feature vectors: a covariance needs two at least`)
    const { width } = this
    const covariance = new Float64Array(width * width)
    for (let i = 0; i < width; i++)
      for (let j = i; j < width; j++) {
        const value = (this.#scatter[i * width + j] as number) / (this.#count - 1)
        covariance[i * width + j] = value
        covariance[j * width + i] = value
      }
    return { count: this.#count, mean: this.#mean.slice(), covariance, precision: DOUBLE_PRECISION }
  }

  #join(): void {
    const count = this.#waits
    if (count === 0) return
    this.#waits = 0
    const { width } = this
    const rows = this.#waiting.subarray(0, count * width)
    const mean = new Float64Array(width)
    for (let at = 0; at < rows.length; at++)
      mean[at % width] = (mean[at % width] as number) + (rows[at] as number) / count
    for (let at = 0; at < rows.length; at++) rows[at] = (rows[at] as number) - (mean[at % width] as number)
    addScatter(this.#scatter, rows, width)
    this.#merge(count, mean, null)
  }

  /** @param scatter of the others about their mean; null if it is already in this one's */
  #merge(count: number, mean: Float64Array, scatter: Float64Array | null): void {
    const { width } = this
    const total = this.#count + count
    const weight = (this.#count * count) / total
    const apart = mean.map((value, at) => value - (this.#mean[at] as number))
    for (let i = 0; i < width; i++) {
      const scaled = weight * (apart[i] as number)
      for (let j = i; j < width; j++) {
        const at = i * width + j
        this.#scatter[at] =
          (this.#scatter[at] as number) + scaled * (apart[j] as number) + (scatter ? (scatter[at] as number) : 0)
      }
    }
    for (let at = 0; at < width; at++)
      this.#mean[at] = (this.#mean[at] as number) + ((apart[at] as number) * count) / total
    this.#count = total
  }
}

/** @throws FeatureSetError naming the first vector with a number that is not finite */
export function requireFinite(
  vectors: Float32Array | Float64Array,
  width: number,
  nameOf: (row: number) => string,
): void {
  for (let at = 0; at < vectors.length; at++)
    if (!Number.isFinite(vectors[at]))
      throw new FeatureSetError(
        `feature ${at % width} of ${nameOf(Math.floor(at / width))} is ${vectors[at]}; the network or its input is broken`,
      )
}

/** Adds Σ x xᵀ of centred rows to the upper half of a matrix, four rows at a time: memory is passed over a quarter as often. */
function addScatter(scatter: Float64Array, rows: Float64Array, width: number): void {
  const count = rows.length / width
  const none = new Float64Array(width)
  const row = (at: number) => (at < count ? rows.subarray(at * width, (at + 1) * width) : none)
  for (let at = 0; at < count; at += 4) {
    const [a, b, c, d] = [row(at), row(at + 1), row(at + 2), row(at + 3)]
    for (let i = 0; i < width; i++) {
      const [p, q, r, s] = [a[i] as number, b[i] as number, c[i] as number, d[i] as number]
      const base = i * width
      for (let j = i; j < width; j++)
        scatter[base + j] =
          (scatter[base + j] as number) +
          p * (a[j] as number) +
          q * (b[j] as number) +
          r * (c[j] as number) +
          s * (d[j] as number)
    }
  }
}
