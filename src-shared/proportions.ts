/** A share with its interval. */
export interface Proportion {
  share: number
  low: number
  high: number
}

/** Quantile of the normal distribution for a 95 % interval. */
const Z = 1.959964

/**
 * A share with its 95 % score interval, which is right for few questions and for shares near 0 and 1 as well.
 * E. B. Wilson, J. Amer. Statist. Assoc. 22 (1927).
 * @param successes of `count`, from 0 to it
 * @throws RangeError for a count of 0, or successes outside of it
 */
export function wilsonInterval(successes: number, count: number): Proportion {
  if (!(count > 0 && successes >= 0 && successes <= count))
    throw new RangeError(
      `${successes} of ${count} is no share; give successes from 0 to the count, and a count above 0`,
    )
  const share = successes / count
  const scale = 1 + Z ** 2 / count
  const centre = (share + Z ** 2 / (2 * count)) / scale
  const reach = (Z / scale) * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2))
  return { share, low: Math.max(0, centre - reach), high: Math.min(1, centre + reach) }
}
