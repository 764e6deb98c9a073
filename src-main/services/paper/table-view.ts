import type {
  ImportedFigure,
  Incomparable,
  MeasuredFigure,
  PaperCellView,
  PaperColumnView,
  PaperRowView,
  PaperTableView,
} from '../../../src-shared/contract/paper.ts'
import { metricDefinition } from '../../../src-shared/metrics.ts'
import { isOn, whyIncomparable } from '../../../src-shared/paper/incomparable.ts'
import { type PaperColumn, type PaperTable, printed, printedNumber } from '../../../src-shared/paper/tables.ts'
import { seedNoise } from '../../../src-shared/seed-noise.ts'
import { bootstrapInterval, mean, sampleStd } from '../../../src-shared/statistics.ts'
import type { ImportedRow } from '../../store/tables.ts'
import { sourceWords } from '../../training/stage-one/provenance.ts'
import { countedRuns, type PaperRun, type RowRuns, tableRuns } from './paper-runs.ts'
import type { Paper } from './read-tables.ts'
import { factOf, type RunSizes } from './run-sizes.ts'

export interface TableSource {
  paper: Paper
  table: PaperTable
  runs: readonly PaperRun[]
  imported: readonly ImportedRow[]
  family: string | null
  sizesOf(run: PaperRun): RunSizes
}

/** A table of the paper with what was measured here beside it. */
export function tableView({ paper, table, runs, imported, family: chosen, sizesOf }: TableSource): PaperTableView {
  const { families, family, rows } = tableRuns(table, runs, chosen)
  const counted = rows.map(countedRuns)
  const columns = table.columns.map((column) => columnView(paper, column, counted.flat()))
  const figures = table.columns.map((column, at) => columnFigures(table, column, columns[at]?.measure ?? null, counted))
  const cellOf = (row: number, at: number): PaperCellView => {
    const column = table.columns[at] as PaperColumn
    const example = counted[row]?.[0]
    const measured = figures[at]?.[row] ?? null
    const measure = column.measure === undefined ? undefined : paper.measures[column.measure]
    const files = imported.filter((each) => each.row === row && each.column === column.key)
    const said: Incomparable[] = []
    if (measured && measure && example)
      said.push(
        ...whyIncomparable(
          column,
          measure,
          example.config,
          sourceWords(example.config.data.source),
          sizesOf(example).language,
        ),
      )
    return {
      published: printed(table.rows[row] as PaperTable['rows'][number], at),
      publishedBest: isBestPrinted(table, at, row),
      measured,
      fact: column.fact && example ? factOf(column.fact, example.config, sizesOf(example)) : null,
      imported: files.map(figureOfFile),
      incomparable: said,
    }
  }
  return {
    id: table.id,
    title: table.title,
    sentence: table.sentence,
    note: table.note ?? null,
    rowKey: table.rowKey,
    columns,
    rows: table.rows.map(
      ({ name, outside, differs }, row): PaperRowView => ({
        name,
        outside: outside ?? null,
        differs: differs ?? null,
        runs: stateCounts(rows[row] as RowRuns),
        others: rows[row]?.others ?? 0,
        cells: table.columns.map((_, at) => cellOf(row, at)),
      }),
    ),
    baseline: table.baseline,
    families,
    family: family?.key ?? null,
  }
}

const figureOfFile = ({ id, source, value, card, importedAt }: ImportedRow): ImportedFigure => ({
  id,
  source,
  value,
  metric: card.metric,
  importedAt,
})

/** Of a measure's metrics the first that any of the runs has, so that a column is one measure throughout. */
function columnView({ measures }: Paper, column: PaperColumn, runs: readonly PaperRun[]): PaperColumnView {
  const { key, better, data, own, fact } = column
  const measure = column.measure === undefined ? undefined : measures[column.measure]
  const metric =
    measure?.metrics.find((name) => runs.some((run) => run.summary.latest[name] !== undefined)) ?? measure?.metrics[0]
  return {
    key,
    better: better ?? null,
    data: data ?? null,
    own: own ?? false,
    fact: fact !== undefined,
    measure:
      measure && metric
        ? {
            metric,
            label: measure.label,
            better: metricDefinition(metric)?.better ?? 'none',
            decimals: measure.decimals,
            scale: measure.scale,
            same: measure.same,
            differs: measure.differs,
          }
        : null,
  }
}

/** The measured figures of a column, row by row, with the best of them and their differences from the baseline row. */
function columnFigures(
  table: PaperTable,
  column: PaperColumn,
  measure: PaperColumnView['measure'],
  counted: readonly (readonly PaperRun[])[],
): (MeasuredFigure | null)[] {
  if (!measure) return counted.map(() => null)
  const figures = counted.map((runs) =>
    figureOf(
      runs.filter(({ config }) => !column.on || isOn(column, config)),
      measure,
    ),
  )
  const means = figures.flatMap((figure) => figure?.mean ?? [])
  const best = measure.better === 'lower' ? Math.min(...means) : Math.max(...means)
  const baseline = figures[table.baseline]
  const nameOf = (row: number) => table.rows[row]?.name ?? ''
  return figures.map((figure, row) => {
    if (!figure) return null
    const values = (of: Pick<MeasuredFigure, 'values'>) => of.values.map(({ value }) => value)
    const noise =
      baseline && row !== table.baseline
        ? seedNoise(
            { name: nameOf(row), values: values(figure) },
            { name: nameOf(table.baseline), values: values(baseline) },
            (value) => value.toFixed(measure.decimals).replace('-', '−'),
          )
        : null
    return {
      ...figure,
      best: measure.better !== 'none' && means.length > 1 && figure.mean === best,
      comparison: noise && { verdict: noise.verdict, sentence: noise.sentence },
    }
  })
}

function figureOf(
  runs: readonly PaperRun[],
  { metric, scale }: NonNullable<PaperColumnView['measure']>,
): Omit<MeasuredFigure, 'best' | 'comparison'> | null {
  const values = runs.flatMap(({ summary: { id, seed, latest, colour } }) => {
    const value = latest[metric]
    return value === undefined ? [] : [{ runId: id, seed, value: value * scale, colour }]
  })
  if (values.length === 0) return null
  const numbers = values.map(({ value }) => value)
  const interval = bootstrapInterval(numbers)
  return {
    n: numbers.length,
    mean: mean(numbers),
    std: numbers.length > 1 ? sampleStd(numbers) : null,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    values,
  }
}

/** Whether a printed figure is the best of its column, as bold type would say. */
function isBestPrinted({ columns, rows }: PaperTable, at: number, row: number): boolean {
  const better = columns[at]?.better
  const own = printedNumber(rows[row]?.values[at])
  if (!better || own === null) return false
  const all = rows.flatMap(({ values }) => printedNumber(values[at]) ?? [])
  return own === (better === 'lower' ? Math.min(...all) : Math.max(...all))
}

function stateCounts({ runs }: RowRuns): PaperRowView['runs'] {
  const count = (...states: string[]) => runs.filter(({ summary }) => states.includes(summary.state)).length
  const open = runs.filter(({ summary }) => ['running', 'queued', 'paused'].includes(summary.state))
  const steps = open.reduce((sum, { summary }) => sum + summary.steps, 0)
  return {
    finished: count('finished'),
    running: count('running', 'paused'),
    queued: count('queued'),
    ended: count('failed', 'stopped', 'interrupted'),
    progress: steps === 0 ? null : open.reduce((sum, { summary }) => sum + summary.step, 0) / steps,
  }
}
