import type { PaperTableView } from '../../../../src-shared/contract/paper.ts'
import { type CsvValue, toCsv } from '../../../../src-shared/csv.ts'
import { printedNumber } from '../../../../src-shared/paper/tables.ts'

const HEADER = [
  'table',
  'title',
  'row',
  'column',
  'kind',
  'value',
  'text',
  'std',
  'low',
  'high',
  'n',
  'seeds',
  'metric',
  'source',
  'not_comparable',
  'runs',
]

/** Tables as CSV, one line a figure: published, measured here, a fact of the runs here, or imported. */
export const paperCsv = (tables: readonly PaperTableView[]): string => toCsv(HEADER, tables.flatMap(linesOf))

function linesOf({ id, title, rows, columns, families, family }: PaperTableView): CsvValue[][] {
  const label = families.find(({ key }) => key === family)?.label ?? null
  return rows.flatMap(({ name, cells }) =>
    cells.flatMap((cell, at): CsvValue[][] => {
      const column = columns[at]
      if (!column) return []
      const line = (kind: string, rest: CsvValue[]): CsvValue[] => [id, title, name, column.key, kind, ...rest]
      const { measured, published, fact, imported, incomparable } = cell
      const none: CsvValue[] = [null, null, null, null, null]
      const lines: CsvValue[][] = []
      if (published !== null)
        lines.push(line('published', [printedNumber(published), published, ...none, column.key, 'paper', null, null]))
      if (fact !== null) lines.push(line('fact', [null, fact, ...none, null, label, null, null]))
      if (measured && column.measure)
        lines.push(
          line('measured', [
            measured.mean,
            null,
            measured.std,
            measured.low,
            measured.high,
            measured.n,
            measured.values.map(({ seed, value }) => `${seed}:${value}`).join(' '),
            column.measure.metric,
            label,
            incomparable.map(({ words }) => words).join(' ') || null,
            measured.values.map(({ runId }) => runId).join(' '),
          ]),
        )
      for (const { value, metric, source } of imported)
        lines.push(line('imported', [value, null, ...none, metric, source, null, null]))
      return lines
    }),
  )
}
