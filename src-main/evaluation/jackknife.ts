import { studentQuantile } from '../../src-shared/statistics.ts'

/** Parts that a sample is cut into, where there is an interval to come from them. */
export const PARTS = 10

export interface Jackknife {
  bias: number
  /** 95 %, the bias taken out; not below 0. */
  low: number
  high: number
}

/**
 * Bias and 95 % interval of a measure that is never below 0, by the delete-a-group jackknife (Quenouille 1956).
 * @param whole of all
 * @param without of all but one part, for each part; two parts are two halves, which tell the bias but hardly the interval
 */
export function jackknife(whole: number, without: readonly number[]): Jackknife {
  const parts = without.length
  const mean = without.reduce((sum, value) => sum + value, 0) / parts
  const bias = (parts - 1) * (mean - whole)
  const spread = without.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const reach = studentQuantile(0.975, parts - 1) * Math.sqrt(((parts - 1) / parts) * spread)
  return { bias, low: Math.max(0, whole - bias - reach), high: Math.max(0, whole - bias + reach) }
}
