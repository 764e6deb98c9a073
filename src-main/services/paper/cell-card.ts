import { type AnsweredArm, compareAnswers } from '../../../src-shared/answer-comparison.ts'
import type { PaperCellCard, PaperTableView } from '../../../src-shared/contract/paper.ts'
import type { HeldOutAnswer } from '../../../src-shared/held-out-answers.ts'
import { metricCardLines } from '../../../src-shared/metric-card.ts'
import { metricDefinition } from '../../../src-shared/metrics.ts'
import { rowTitle } from '../../../src-shared/paper/row-title.ts'
import { cardLines, cardOf, commonCards, type ProvenanceCards } from '../../../src-shared/provenance.ts'
import { pairedBootstrap } from '../../../src-shared/statistics.ts'
import type { ImportedRow } from '../../store/tables.ts'
import { sourceWords } from '../../training/stage-one/provenance.ts'
import { countedRuns, type PaperRun, tableRuns } from './paper-runs.ts'
import { sizeLines } from './run-sizes.ts'
import { type TableSource, tableView } from './table-view.ts'

/** What runs have recorded of themselves. */
export interface CellRecords {
  cardsOf(runId: string): ProvenanceCards
  /** What a run said at its last evaluation; null if it was asked nothing. */
  answersOf(runId: string): readonly HeldOutAnswer[] | null
}

/** Everything that a cell's figures rest on; null if there is no such row or column. */
export function cellCard(
  source: TableSource,
  row: number,
  key: string,
  { cardsOf, answersOf }: CellRecords,
): PaperCellCard | null {
  const { table, imported } = source
  const view: PaperTableView = tableView(source)
  const at = view.columns.findIndex((column) => column.key === key)
  const [cell, column] = [view.rows[row]?.cells[at], view.columns[at]]
  if (!cell || !column) return null
  const { rows } = tableRuns(table, source.runs, view.family)
  const members = (rows[row]?.runs ?? []).toSorted((a, b) => a.summary.seed - b.summary.seed)
  const counted = rows[row] ? countedRuns(rows[row]) : []
  const example = counted[0]
  return {
    table: table.id,
    row: rowTitle(view, row),
    column: key,
    cell,
    measure: column.measure,
    provenance: cell.measured && example ? provenanceLines(column.measure?.metric ?? '', counted, cardsOf) : [],
    byQuestion: byQuestion(view, { row, baseline: table.baseline, at }, answersOf),
    sizes: (cell.measured || cell.fact) && example ? sizeLines(example.config, source.sizesOf(example)) : [],
    runs: members.map(({ summary: { id, name, seed, state, step, steps, latest } }) => {
      const value = column.measure ? latest[column.measure.metric] : undefined
      return {
        id,
        name,
        seed,
        state,
        step,
        steps,
        value: value === undefined ? null : value * (column.measure?.scale ?? 1),
      }
    }),
    imported: imported
      .filter((each) => each.row === row && each.column === key)
      .map((each) => ({
        id: each.id,
        source: each.source,
        lines: metricCardLines(each.card),
        comparisons: pairedComparisons(
          each,
          imported.filter((other) => other.column === key && other.id !== each.id),
        ),
      })),
  }
}

/** The metrics that are shares of right answers. */
const RIGHT = /^task\.(.+)\.right$/

/** A row's answers against the baseline's, by paired bootstrap over questions and seeds. */
function byQuestion(
  view: PaperTableView,
  { row, baseline, at }: { row: number; baseline: number; at: number },
  answersOf: CellRecords['answersOf'],
): string | null {
  const [, task] = RIGHT.exec(view.columns[at]?.measure?.metric ?? '') ?? []
  if (task === undefined || row === baseline) return null
  const armOf = (index: number): AnsweredArm => ({
    label: rowTitle(view, index),
    runs: (view.rows[index]?.cells[at]?.measured?.values ?? []).flatMap(({ runId, seed }) => {
      const answers = answersOf(runId)
      return answers ? [{ seed, answers }] : []
    }),
  })
  return compareAnswers(armOf(row), armOf(baseline)).find((one) => one.task === task)?.sentence ?? null
}

function provenanceLines(
  metric: string,
  runs: readonly PaperRun[],
  cardsOf: (runId: string) => ProvenanceCards,
): [string, string][] {
  const definition = metricDefinition(metric)
  const card = cardOf(commonCards(runs.map(({ summary }) => cardsOf(summary.id))), metric)
  const [first] = runs
  return [
    ...(definition
      ? ([
          ['Metric', `${definition.label} [${definition.unit}]`],
          ['Definition', definition.definition],
        ] as [string, string][])
      : []),
    ...(first ? [['Pictures', sourceWords(first.config.data.source)] as [string, string]] : []),
    ...(card ? cardLines(card) : []),
  ]
}

/** Questions that two systems must share before they are compared. */
const LEAST_QUESTIONS = 2

/** Of two imported results that have scores by question: a paired bootstrap over the questions that both answered. */
export function pairedComparisons(own: ImportedRow, others: readonly ImportedRow[]): string[] {
  return others.flatMap((other) => {
    if (!own.scores || !other.scores) return []
    const shared = Object.keys(own.scores).filter((id) => other.scores && Object.hasOwn(other.scores, id))
    if (shared.length < LEAST_QUESTIONS) return []
    const of = ({ scores }: ImportedRow) => [shared.map((id) => scores?.[id] as number)]
    const difference = pairedBootstrap(of(own), of(other))
    if (!difference) return []
    const { mean, low, high } = difference
    const apart = low > 0 || high < 0
    const figure = (value: number) => value.toFixed(4).replace('-', '−')
    return [
      `${own.source} minus ${other.source} on ${shared.length} questions that both answered: ${figure(mean)} (95 % interval ${figure(low)} to ${figure(high)}, paired bootstrap), ${apart ? 'larger' : 'not larger'} than the noise of these questions.`,
    ]
  })
}
