/** Statistics of the result table. Pure functions over plain arrays. */

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Sample standard deviation (n − 1); NaN for fewer than two values. */
export function sampleStd(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}

export interface Difference {
  /** mean(a) − mean(b) */
  mean: number
  low: number
  high: number
  /** Welch–Satterthwaite; infinite if neither sample varies. */
  degreesOfFreedom: number
}

/**
 * Difference of two means with Welch's confidence interval (unequal variances).
 * B. L. Welch, Biometrika 34 (1947).
 * @returns null if either sample has fewer than two values: there is no interval then
 */
export function welchInterval(a: readonly number[], b: readonly number[], confidence = 0.95): Difference | null {
  if (a.length < 2 || b.length < 2) return null
  const difference = mean(a) - mean(b)
  const fromA = sampleStd(a) ** 2 / a.length
  const fromB = sampleStd(b) ** 2 / b.length
  const variance = fromA + fromB
  if (variance === 0)
    return { mean: difference, low: difference, high: difference, degreesOfFreedom: Number.POSITIVE_INFINITY }
  // In shares of the variance, so that squares of tiny variances do not vanish.
  const degreesOfFreedom = 1 / ((fromA / variance) ** 2 / (a.length - 1) + (fromB / variance) ** 2 / (b.length - 1))
  const reach = studentQuantile(0.5 + confidence / 2, degreesOfFreedom) * Math.sqrt(variance)
  return { mean: difference, low: difference - reach, high: difference + reach, degreesOfFreedom }
}

/**
 * Quantile of Student's t distribution: the t with P(T ≤ t) = probability.
 * @param probability strictly between 0 and 1
 * @param degreesOfFreedom above 0, fractions allowed
 * @throws RangeError outside of these
 */
export function studentQuantile(probability: number, degreesOfFreedom: number): number {
  if (!(probability > 0 && probability < 1)) throw new RangeError(`probability ${probability} is not between 0 and 1`)
  if (!(degreesOfFreedom > 0)) throw new RangeError(`${degreesOfFreedom} degrees of freedom are not above 0`)
  if (probability < 0.5) return -studentQuantile(1 - probability, degreesOfFreedom)
  let low = 0
  let high = 1
  while (studentCumulative(high, degreesOfFreedom) < probability) high *= 2
  // Bisection down to neighbouring floats: slow but exact, and a table has a few dozen cells.
  for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2)
    if (studentCumulative(middle, degreesOfFreedom) < probability) low = middle
    else high = middle
  return (low + high) / 2
}

/** P(T ≤ t) for t ≥ 0, by the incomplete beta function. */
const studentCumulative = (t: number, degreesOfFreedom: number): number =>
  1 - incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5) / 2

/** Regularised incomplete beta function I_x(a, b). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  // The continued fraction converges fast on this side of the mode; the other side follows by symmetry.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a
  return front * betaFraction(x, a, b)
}

/** The continued fraction of NIST DLMF 8.17.22, evaluated by the modified Lentz method. */
function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number) => (Math.abs(value) < 1e-300 ? 1e-300 : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    fraction *= c * d
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    fraction *= c * d
    if (Math.abs(c * d - 1) < 1e-15) break
  }
  return fraction
}

/** ln Γ(x) for x > 0: Stirling's series (DLMF 5.11.1), after moving x above 15 by Γ(x + 1) = x Γ(x). */
function logGamma(x: number): number {
  let shift = 0
  let at = x
  for (; at < 15; at++) shift -= Math.log(at)
  const inverse = 1 / at
  const square = inverse * inverse
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))))
  return shift + (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series
}

/** A mean with a percentile interval of its bootstrap distribution. */
export interface BootstrapInterval {
  mean: number
  low: number
  high: number
  /** Samples drawn, or all that there are where they are few enough to count out. */
  resamples: number
}

/** Samples that are drawn where there are too many to count out. */
const RESAMPLES = 10_000
/** n values have nⁿ samples with replacement; up to here all of them are taken, and the interval is exact. */
const COUNTED_OUT = 5

/**
 * Percentile bootstrap of a mean over seeds (B. Efron, Annals of Statistics 7, 1979). Of few seeds it is narrower than a
 * t interval, since it knows no values but these.
 * @returns null for fewer than two values, or if one is not finite: there is no interval then
 */
export function bootstrapInterval(values: readonly number[], confidence = 0.95): BootstrapInterval | null {
  if (values.length < 2 || !values.every(Number.isFinite)) return null
  const means = resampled(values.length, RESAMPLES, meanOf(values))
  return { mean: mean(values), ...percentiles(means, confidence), resamples: means.length }
}

export interface PairedDifference extends BootstrapInterval {
  /** Share of the samples in which a is above b; ties count half. */
  above: number
}

/**
 * Paired bootstrap of mean(a) − mean(b) over questions and seeds: each sample draws seeds and questions with replacement
 * and takes both systems' scores of the same ones.
 * @param a scores [seeds][questions], of one system; @param b of the other, in the same order
 * @returns null if a score is not finite, or if there is one seed and one question: there is no interval then
 * @throws RangeError if the two differ in their numbers of seeds or questions
 */
export function pairedBootstrap(
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
  confidence = 0.95,
  resamples = 2000,
): PairedDifference | null {
  const [seeds, questions] = [a.length, a[0]?.length ?? 0]
  if (seeds === 0 || questions === 0) throw new RangeError('a paired bootstrap needs a seed and a question at least')
  for (const scores of [...a, ...b])
    if (scores.length !== questions)
      throw new RangeError(`${scores.length} questions cannot be paired with ${questions}; give both the same ones`)
  if (b.length !== seeds)
    throw new RangeError(`${b.length} seeds cannot be paired with ${seeds}; give both the same ones`)
  const differences = a.map((scores, seed) => scores.map((score, at) => score - (b[seed]?.[at] as number)))
  if ((seeds === 1 && questions === 1) || !differences.every((row) => row.every(Number.isFinite))) return null
  const means =
    questions === 1
      ? resampled(seeds, resamples, meanOf(differences.map((row) => row[0] as number)))
      : seeds === 1
        ? resampled(questions, resamples, meanOf(differences[0] as number[]))
        : resampledPairs(differences, resamples)
  return {
    mean: mean(differences.map(mean)),
    ...percentiles(means, confidence),
    resamples: means.length,
    above: means.reduce((sum, value) => sum + (value > 0 ? 1 : value === 0 ? 0.5 : 0), 0) / means.length,
  }
}

/** The mean of the values that a sample picks. */
const meanOf = (values: readonly number[]) => (pick: (at: number) => number) => {
  let sum = 0
  for (let at = 0; at < values.length; at++) sum += values[pick(at)] as number
  return sum / values.length
}

/** Means over drawn seeds and drawn questions of a [seeds][questions] table. */
function resampledPairs(differences: readonly (readonly number[])[], resamples: number): number[] {
  const random = seeded(1)
  const draw = (count: number) => Int32Array.from({ length: count }, () => Math.floor(random() * count))
  return Array.from({ length: resamples }, () => {
    const [seeds, questions] = [draw(differences.length), draw(differences[0]?.length ?? 0)]
    let sum = 0
    for (const seed of seeds) {
      const row = differences[seed] as readonly number[]
      for (const question of questions) sum += row[question] as number
    }
    return sum / (seeds.length * questions.length)
  })
}

/** A statistic of samples with replacement of `count` things: of every one if they are few, else of drawn ones. */
function resampled(count: number, resamples: number, statistic: (pick: (at: number) => number) => number): number[] {
  if (count <= COUNTED_OUT)
    return Array.from({ length: count ** count }, (_, sample) =>
      statistic((at) => Math.floor(sample / count ** at) % count),
    )
  const random = seeded(1)
  const picks = new Int32Array(count)
  return Array.from({ length: resamples }, () => {
    for (let at = 0; at < count; at++) picks[at] = Math.floor(random() * count)
    return statistic((at) => picks[at] as number)
  })
}

function percentiles(values: readonly number[], confidence: number): { low: number; high: number } {
  const sorted = values.toSorted((a, b) => a - b)
  const tail = ((1 - confidence) / 2) * sorted.length
  return {
    low: sorted[Math.floor(tail)] as number,
    high: sorted[Math.max(0, Math.ceil(sorted.length - tail) - 1)] as number,
  }
}

/** Uniform numbers in [0, 1), the same for the same seed above 0: xorshift (G. Marsaglia, J. Stat. Softw. 8, 2003). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
