import type { PaperTableView } from '../contract/paper.ts'

/** What a row is called: its name; where others have the same, with the facts that the paper prints of it. */
export function rowTitle({ rows, columns }: Pick<PaperTableView, 'rows' | 'columns'>, index: number): string {
  const row = rows[index]
  if (!row) return ''
  if (rows.filter(({ name }) => name === row.name).length < 2) return row.name
  const facts = row.cells.flatMap(({ published }, at) => (columns[at]?.fact && published !== null ? [published] : []))
  return facts.length === 0 ? row.name : `${row.name} (${facts.join(', ')})`
}
