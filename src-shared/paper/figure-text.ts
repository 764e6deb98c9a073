import type { Incomparable, MeasuredFigure, PaperCellView, PaperColumnView } from '../contract/paper.ts'

/** Figures of the paper's tables as text, the same in the window and in every export. */

export const ARROWS = { higher: '↑', lower: '↓' }

/** A value with the decimals of its column; a true minus sign. */
export const valueText = (value: number, decimals: number): string => value.toFixed(decimals).replace('-', '−')

/** "21.3 ± 2.0", of one seed "21.3". */
export function measuredText(
  { mean, std }: MeasuredFigure,
  { decimals }: NonNullable<PaperColumnView['measure']>,
): string {
  return std === null ? valueText(mean, decimals) : `${valueText(mean, decimals)} ± ${valueText(std, decimals)}`
}

/** Imported values keep the digits of their files, four decimals at most. */
export const importedText = (value: number): string => String(Number(value.toFixed(4))).replace('-', '−')

/** What a column's own measure is called, with its direction where that is not the paper's. */
export function measureText({ better, measure }: PaperColumnView): string {
  if (!measure) return ''
  const turned = measure.better !== 'none' && measure.better !== better ? ` ${ARROWS[measure.better]}` : ''
  return `${measure.label}${turned}`
}

/** "other measure, data, size", or '' where figures can be compared. */
export const incomparableText = (reasons: readonly Incomparable[]): string =>
  reasons.length === 0 ? '' : `other ${reasons.map(({ what }) => what).join(', ')}`

/** Everything that is said here of a cell: measured figure, fact, figures from files. */
export function hereTexts(cell: PaperCellView, column: PaperColumnView): string[] {
  return [
    ...(cell.fact === null ? [] : [cell.fact]),
    ...(cell.measured && column.measure ? [measuredText(cell.measured, column.measure)] : []),
    ...cell.imported.map(({ value }) => importedText(value)),
  ]
}
