/**
 * Exponential moving average of a curve, corrected for its start so that the first value is the first point.
 * @param values points in order; null (no value) stays null and does not enter the average
 * @param weight share kept of the running average at each point, 0 (off) up to but not including 1
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  if (weight <= 0) return [...values]
  let average = 0
  let correction = 1
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return null
    average = weight * average + (1 - weight) * value
    correction *= weight
    return average / (1 - correction)
  })
}
