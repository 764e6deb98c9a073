/** Averaging spans are counted in this share of a line's width, so that one setting smooths all charts alike. */
const SPANS = 500

/**
 * Exponential moving average of a curve, corrected for its start so that the first value is the first point. The share
 * kept falls with the distance between points: a curve of ten evaluations is hardly touched where one of a thousand
 * steps is smoothed, and gaps do not smear.
 * @param x where the points stand, ascending
 * @param values null (no value) stays null and does not enter the average
 * @param weight share kept over 1/500 of the line's width, 0 (off) up to but not including 1
 */
export function smooth(x: readonly number[], values: readonly (number | null)[], weight: number): (number | null)[] {
  const width = (x.at(-1) ?? 0) - (x[0] ?? 0)
  if (weight <= 0 || width <= 0) return [...values]
  let sum = 0
  let total = 0
  let last: number | null = null
  return values.map((value, index) => {
    if (value === null || !Number.isFinite(value)) return null
    const at = x[index] as number
    const kept: number = last === null ? 0 : weight ** ((SPANS * (at - last)) / width)
    last = at
    sum = kept * sum + value
    total = kept * total + 1
    return sum / total
  })
}
