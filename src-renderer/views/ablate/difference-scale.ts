import type { AblationDetail } from '../../../src-shared/contract/ablations.ts'

/** Largest distance from zero that any arm's difference, with its interval, has in a metric: the bars' common scale. */
export function differenceReach(arms: AblationDetail['arms'], metric: string): number {
  const ends = arms.flatMap(({ cells }) => {
    const difference = cells[metric]?.difference
    return difference ? [difference.mean, difference.low ?? difference.mean, difference.high ?? difference.mean] : []
  })
  return Math.max(0, ...ends.map(Math.abs).filter(Number.isFinite))
}

export interface BarGeometry {
  /** All in [−1, 1], zero in the middle. */
  mean: number
  low: number
  high: number
  /** The interval reaches beyond the scale's end. */
  cutLow: boolean
  cutHigh: boolean
}

/**
 * Where a difference stands on a scale. The scale is the larger of all means times 1.5, so that one wide interval (two
 * seeds give very wide ones) does not flatten every bar; intervals beyond it are cut and marked.
 */
export function barGeometry(
  difference: { mean: number; low: number | null; high: number | null },
  scale: number,
): BarGeometry {
  const at = (value: number) => (scale > 0 ? Math.max(-1, Math.min(1, value / scale)) : 0)
  const low = difference.low ?? difference.mean
  const high = difference.high ?? difference.mean
  return { mean: at(difference.mean), low: at(low), high: at(high), cutLow: low < -scale, cutHigh: high > scale }
}

/** The common scale of a metric's bars. */
export function barScale(arms: AblationDetail['arms'], metric: string): number {
  const means = arms.flatMap(({ cells }) => Math.abs(cells[metric]?.difference?.mean ?? 0)).filter(Number.isFinite)
  return Math.min(differenceReach(arms, metric), Math.max(0, ...means) * 1.5)
}
