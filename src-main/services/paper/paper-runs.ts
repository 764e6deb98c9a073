import { createHash } from 'node:crypto'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { PaperFamily } from '../../../src-shared/contract/paper.ts'
import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import { familyLabel } from '../../../src-shared/paper/config-words.ts'
import { experimentKey, familyKey, rowOf } from '../../../src-shared/paper/families.ts'
import type { PaperTable } from '../../../src-shared/paper/tables.ts'
import { sourceWords } from '../../training/stage-one/provenance.ts'

/** A run with its config. */
export interface PaperRun {
  summary: RunSummary
  config: ExperimentConfig
}

/** The runs of a row in one family. */
export interface RowRuns {
  /** Alike but for the seed: what the row's figures are made of. */
  runs: PaperRun[]
  /** Finished runs with other settings, which the row's conditions allow as well. */
  others: number
}

/** A family of runs, with those of each row of the table. */
export interface TableRuns {
  families: PaperFamily[]
  family: PaperFamily | null
  /** One entry a row. */
  rows: RowRuns[]
}

const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)
const isFinished = ({ summary }: PaperRun): boolean => summary.state === 'finished'

/**
 * Sorts runs into a table: families by how much of the table they fill, and the rows of one of them.
 * @param chosen key of the family; null or unknown: the one that fills most
 */
export function tableRuns(table: PaperTable, runs: readonly PaperRun[], chosen: string | null): TableRuns {
  const placed = runs.flatMap((run) => {
    const row = rowOf(table, run.config)
    return row === null ? [] : [{ run, row, key: short(familyKey(table, run.config)) }]
  })
  const groups = Map.groupBy(placed, ({ key }) => key)
  const families = [...groups]
    .map(([key, members]) => {
      const finished = members.filter(({ run }) => isFinished(run))
      const newest = Math.max(...members.map(({ run }) => run.summary.createdAt))
      const { config } = (members[0] as (typeof members)[number]).run
      const label = familyLabel(table, config, sourceWords(config.data.source))
      return { key, label, finished: finished.length, rows: new Set(finished.map(({ row }) => row)).size, newest }
    })
    .sort((a, b) => b.rows - a.rows || b.finished - a.finished || b.newest - a.newest)
    .map(({ newest: _, ...family }) => family)
  const family = families.find(({ key }) => key === chosen) ?? families[0] ?? null
  const members = family ? (groups.get(family.key) ?? []) : []
  return {
    families,
    family,
    rows: table.rows.map((_, index) => rowRuns(members.filter(({ row }) => row === index).map(({ run }) => run))),
  }
}

/** Of several experiments that fit a row, the one with most finished seeds, the newest of those. */
function rowRuns(runs: readonly PaperRun[]): RowRuns {
  const experiments = [...Map.groupBy(runs, ({ config }) => experimentKey(config)).values()].sort((a, b) => {
    const [finishedA, finishedB] = [a.filter(isFinished).length, b.filter(isFinished).length]
    return finishedB - finishedA || newestOf(b) - newestOf(a)
  })
  const [first = [], ...rest] = experiments
  return { runs: first, others: rest.flat().filter(isFinished).length }
}

const newestOf = (runs: readonly PaperRun[]): number => Math.max(...runs.map(({ summary }) => summary.createdAt))

/** The finished runs of a row, one a seed: of a seed that was trained twice the later run. */
export const countedRuns = ({ runs }: RowRuns): PaperRun[] => {
  const bySeed = new Map<number, PaperRun>()
  for (const run of runs.filter(isFinished).toSorted((a, b) => a.summary.createdAt - b.summary.createdAt))
    bySeed.set(run.summary.seed, run)
  return [...bySeed.values()].toSorted((a, b) => a.summary.seed - b.summary.seed)
}
