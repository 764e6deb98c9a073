import type { Random } from '../data/random.ts'

/** How an interval was found, for those who read it. */
export const BOOTSTRAP = '95 % percentile bootstrap, 2,000 resamples of groups'

const RESAMPLES = 2_000
const CONFIDENCE = 0.95

/**
 * Percentile interval of a mean over items that come in groups (Efron & Tibshirani 1993, chapter 13; resampling whole groups:
 * Davison & Hinkley 1997, section 3.8): groups are drawn with replacement, and the mean is taken over all items drawn.
 * Pictures of one concept say the same thing twice, so they are drawn together. Items that are all alike have an interval
 * of width 0, which says nothing of items not seen.
 * @param values one of each item @param groups the group of each item; as many
 * @throws RangeError if there is no item
 */
export function bootstrapMean(
  values: readonly number[],
  groups: readonly string[],
  random: Random,
): { mean: number; low: number; high: number } {
  if (values.length === 0) throw new RangeError('no values: their mean has no interval')
  const sums = new Map<string, { sum: number; count: number }>()
  for (const [at, value] of values.entries()) {
    const name = groups[at] as string
    const group = sums.get(name) ?? { sum: 0, count: 0 }
    sums.set(name, { sum: group.sum + value, count: group.count + 1 })
  }
  const all = [...sums.values()]
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let [sum, count] = [0, 0]
    for (let drawn = 0; drawn < all.length; drawn++) {
      const group = all[random.int(all.length)] as { sum: number; count: number }
      sum += group.sum
      count += group.count
    }
    return sum / count
  }).sort()
  const tail = (1 - CONFIDENCE) / 2
  return {
    mean: values.reduce((total, value) => total + value, 0) / values.length,
    low: means[Math.floor(tail * (RESAMPLES - 1))] as number,
    high: means[Math.ceil((1 - tail) * (RESAMPLES - 1))] as number,
  }
}
