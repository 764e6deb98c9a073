import { type } from '@orpc/contract'
import { z } from 'zod'
import type { RunState } from '../events.ts'
import type { runSizes } from '../paper/tables.ts'
import type { Missing } from './plan.ts'
import { procedure } from './procedure.ts'

/** One of the paper's tables in the list. */
export interface PaperTableSummary {
  id: number
  title: string
  sentence: string
  /** Cells with a figure from runs or from a file, and all cells of figures. */
  filled: number
  cells: number
  /** Runs of its rows that are running or queued. */
  open: number
}

export interface PaperColumnView {
  key: string
  /** Direction of the paper's figures. */
  better: 'higher' | 'lower' | null
  /** Data set that the paper measures on. */
  data: string | null
  /** True for a column that the workbench adds. */
  own: boolean
  /** True for facts, such as a size. */
  fact: boolean
  /** What runs are measured by in this column; null if by nothing. */
  measure: {
    metric: string
    label: string
    better: 'higher' | 'lower' | 'none'
    decimals: number
    /** What the metric's values are multiplied by. */
    scale: number
    /** Whether it is the paper's own measure. */
    same: boolean
    differs: string
  } | null
}

/** Over the finished runs of a row, on the column's scale. */
export interface MeasuredFigure {
  n: number
  mean: number
  /** Sample standard deviation; null if n < 2. */
  std: number | null
  /** 95 % bootstrap interval of the mean over seeds; null if n < 2. */
  low: number | null
  high: number | null
  /** Best of its column among the rows here. */
  best: boolean
  values: { runId: string; seed: number; value: number; colour: number }[]
  /** Against the table's baseline row: whether the difference is larger than what seeds do; null in that row. */
  comparison: { verdict: 'larger' | 'within' | 'unknown'; sentence: string } | null
}

/** A figure from a file. */
export interface ImportedFigure {
  id: number
  source: string
  value: number
  /** Name of the metric on its card. */
  metric: string
  importedAt: number
}

/** Why a figure cannot stand beside the published one. */
export interface Incomparable {
  what: 'measure' | 'data' | 'size' | 'extractor'
  words: string
}

export interface PaperCellView {
  /** As the paper prints it; null: a dash, or a column of the workbench. */
  published: string | null
  /** Whether it is the best of its column in the paper. */
  publishedBest: boolean
  measured: MeasuredFigure | null
  /** In a column of facts: what the runs have. */
  fact: string | null
  imported: ImportedFigure[]
  incomparable: Incomparable[]
}

export interface PaperRowView {
  name: string
  /** Why the workbench does not train it; null if it does. */
  outside: string | null
  /** What differs from the paper's row. */
  differs: string | null
  /** Runs of the row in the family that is shown, by state. */
  runs: { finished: number; running: number; queued: number; ended: number; progress: number | null }
  /** Finished runs of the row with other settings, which are not in the figures. */
  others: number
  cells: PaperCellView[]
}

/** Runs that may stand in one table. */
export interface PaperFamily {
  key: string
  /** What they have in common, in a few words. */
  label: string
  finished: number
  /** Rows that have a finished run. */
  rows: number
}

export interface PaperTableView {
  id: number
  title: string
  sentence: string
  note: string | null
  rowKey: string
  columns: PaperColumnView[]
  rows: PaperRowView[]
  /** Index of the row that others are compared with. */
  baseline: number
  /** Best filled first. */
  families: PaperFamily[]
  /** The one that is shown; null while there are no runs. */
  family: string | null
}

/** Everything that a figure rests on. */
export interface PaperCellCard {
  table: number
  row: string
  column: string
  cell: PaperCellView
  measure: PaperColumnView['measure']
  /** What the figure is and where it is from: what, and its value. */
  provenance: [name: string, value: string][]
  /** The row against the table's baseline row, question by question, in a sentence; null where no answers were recorded of both. */
  byQuestion: string | null
  /** Sizes of the runs. */
  sizes: [name: string, value: string][]
  runs: { id: string; name: string; seed: number; state: RunState; step: number; steps: number; value: number | null }[]
  /** Of each imported figure its card, and paired comparisons by question with others of its column. */
  imported: { id: number; source: string; lines: [name: string, value: string][]; comparisons: string[] }[]
}

/** A row at one size: what one run of it would take. */
export interface PaperExperiment {
  size: (typeof runSizes)[number]
  preset: string
  /** Config in a few words. */
  label: string
  /** Estimated; null where nothing like it has been measured. */
  minutes: number | null
  memoryBytes: number | null
  /** Parts of the config that are not on this machine. */
  missing: Missing[]
  problems: { path: string; message: string }[]
  sizes: [name: string, value: string][]
  /** The machine that it is planned for, in words; null for this one. */
  machine: string | null
}

const tableId = z.int().min(1).max(99)
const rowIndex = z.int().min(0).max(99)
const family = z.string().max(64).nullable().default(null)
export const paperFormats = ['latex', 'csv', 'html', 'markdown', 'png'] as const

/** The paper's tables beside what was measured here. */
export const paper = {
  list: procedure.output(type<PaperTableSummary[]>()),
  table: procedure.input(z.object({ table: tableId, family })).output(type<PaperTableView>()),
  cell: procedure
    .input(z.object({ table: tableId, row: rowIndex, column: z.string().max(80), family }))
    .output(type<PaperCellCard>()),
  /** What a row takes at each size. */
  experiments: procedure.input(z.object({ table: tableId, row: rowIndex })).output(type<PaperExperiment[]>()),
  /** Trains rows of a table, as an ablation whose arms they are. The paper's size is not run but planned. */
  run: procedure
    .input(
      z.object({
        table: tableId,
        rows: z.array(rowIndex).min(1).max(32),
        size: z.enum(['minutes', 'hours']),
        seeds: z.array(z.int().min(0)).min(1).max(32),
      }),
    )
    .output(type<{ id: string; runIds: string[] }>()),
  /** Takes a figure from a result file: a metric card, or a document with cards in it. */
  import: procedure
    .input(
      z.object({
        table: tableId,
        row: rowIndex,
        column: z.string().max(80),
        source: z.string().min(1).max(200),
        /** The file's text. */
        file: z.string().max(50_000_000),
        /** Name of the metric, where the file has several. */
        metric: z.string().max(200).nullable().default(null),
      }),
    )
    .output(type<{ id: number; metric: string; value: number }>()),
  removeImported: procedure.input(z.object({ id: z.int().min(1) })).output(type<{ removed: true }>()),
  /** Tables as a file; null: all of them, each with its best filled family. */
  export: procedure
    .input(z.object({ format: z.enum(paperFormats), tables: z.array(tableId).min(1).nullable().default(null), family }))
    .output(type<{ name: string; file: Blob }>()),
}
