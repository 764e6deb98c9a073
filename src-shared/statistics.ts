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
