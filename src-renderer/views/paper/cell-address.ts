import type { PaperTableView } from '../../../src-shared/contract/paper.ts'

/** A cell in the address: "2|VQAv2". */
export const cellAddress = (row: number, column: string): string => `${row}|${column}`

/** The cell of an address; null where the table has none of it. */
export function parseCellAddress(text: string, view: PaperTableView): { row: number; column: string } | null {
  const at = text.indexOf('|')
  const [row, column] = [Number(text.slice(0, at)), text.slice(at + 1)]
  if (at <= 0 || !view.rows[row] || !view.columns.some(({ key }) => key === column)) return null
  return { row, column }
}
