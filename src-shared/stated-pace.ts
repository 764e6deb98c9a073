import type { Machine } from './contract/plan.ts'

export type StatedPace = NonNullable<Machine['throughput']>

/** Share of a device's peak that training is taken to reach unless it is stated. */
export const USUAL_UTILISATION = 0.4

/** A pace as people write it, "250 TFLOP/s" (a device's peak) or "400 images/s"; null if it is neither. */
export function readPace(text: string, utilisation = USUAL_UTILISATION): StatedPace | null {
  const [, number = '', unit] = /^\s*(\d*\.?\d+)\s*(TFLOP\/s|images\/s)\s*$/.exec(text) ?? []
  const value = Number(number)
  if (value <= 0) return null
  if (unit === 'images/s') return { unit, value }
  return unit === 'TFLOP/s' ? { unit, value, utilisation } : null
}
