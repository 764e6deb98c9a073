import type { MeasuredFigure } from '../../../src-shared/contract/paper.ts'

/** Lowest and highest value of a column's seeds and intervals; null where there is none. */
export function columnDomain(figures: readonly (MeasuredFigure | null)[]): [number, number] | null {
  const values = figures
    .flatMap((figure) => (figure ? [...figure.values.map(({ value }) => value), figure.low, figure.high] : []))
    .filter((value): value is number => value !== null && Number.isFinite(value))
  return values.length === 0 ? null : [Math.min(...values), Math.max(...values)]
}

/** Pixels of a value on a strip; the middle where all values are one. */
export function stripPlace(
  value: number,
  [low, high]: readonly [number, number],
  width: number,
  margin: number,
): number {
  const share = high > low ? (value - low) / (high - low) : 0.5
  return margin + share * (width - 2 * margin)
}
