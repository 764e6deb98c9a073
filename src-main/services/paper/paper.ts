import type {
  PaperCellCard,
  PaperTableSummary,
  PaperTableView,
  paperFormats,
} from '../../../src-shared/contract/paper.ts'
import type { Preset } from '../../../src-shared/contract/presets.ts'
import type { PaperTable } from '../../../src-shared/paper/tables.ts'
import { lastAnswers } from '../../jobs/answer-files.ts'
import { readRunTokens } from '../../jobs/run-directory.ts'
import { runPath } from '../../jobs/run-id.ts'
import type { ImportedResultsStore } from '../../store/imported-results-store.ts'
import type { Context } from '../context.ts'
import { badRequest, notFound } from '../errors.ts'
import type { createPlanService } from '../plan.ts'
import { appVersion } from '../resources.ts'
import { cellCard } from './cell-card.ts'
import { paperCsv } from './export/csv.ts'
import { paperHtml, type TableWithCards } from './export/html.ts'
import { paperLatex } from './export/latex.ts'
import { paperMarkdown } from './export/markdown.ts'
import { paperPng } from './export/picture.ts'
import { createLaunch, type RunRequest } from './launch.ts'
import type { PaperRun } from './paper-runs.ts'
import { readPaper } from './read-tables.ts'
import { figureOfCard, ResultFileError, readResultFile } from './result-file.ts'
import { type RunSizes, runSizes } from './run-sizes.ts'
import { type TableSource, tableView } from './table-view.ts'

export type PaperService = ReturnType<typeof createPaperService>

export interface ImportRequest {
  table: number
  row: number
  column: string
  source: string
  file: string
  metric: string | null
}

export interface ExportRequest {
  format: (typeof paperFormats)[number]
  tables: number[] | null
  family: string | null
}

const FILES = {
  latex: { extension: 'tex', type: 'application/x-tex' },
  csv: { extension: 'csv', type: 'text/csv' },
  html: { extension: 'html', type: 'text/html' },
  markdown: { extension: 'md', type: 'text/markdown' },
  png: { extension: 'png', type: 'image/png' },
}

/** The paper's tables beside the runs of the home and what was imported. Every method throws the contract's errors. */
export function createPaperService(
  context: Context & { imported: ImportedResultsStore },
  plan: ReturnType<typeof createPlanService>,
  presets: () => Preset[],
) {
  const paper = readPaper()
  const launch = createLaunch(context, plan, presets)
  const sizes = new Map<string, RunSizes>()

  const tableOf = (id: number): PaperTable => {
    const table = paper.tables.find((each) => each.id === id)
    if (table) return table
    throw notFound(`the paper has no table ${id}`, `Its tables are ${paper.tables.map((each) => each.id).join(', ')}.`)
  }
  const columnOf = (table: PaperTable, row: number, key: string) => {
    const column = table.columns.find((each) => each.key === key)
    if (!table.rows[row])
      throw notFound(
        `table ${table.id} has no row ${row}`,
        `Rows count from 0 to ${table.rows.length - 1}: ${table.rows.map(({ name }) => name).join(', ')}.`,
      )
    if (!column)
      throw notFound(
        `table ${table.id} has no column "${key}"`,
        `Its columns are ${table.columns.map((each) => each.key).join(', ')}.`,
      )
    return column
  }
  const allRuns = (): PaperRun[] =>
    context.runs.summaries().flatMap((summary) => {
      const config = context.runs.row(summary.id)?.config
      return config ? [{ summary, config }] : []
    })
  /** A config never changes, and a vocabulary that is known does not either. */
  const sizesOf = ({ summary, config }: PaperRun): RunSizes => {
    const known = sizes.get(summary.id)
    if (known) return known
    const vocabulary =
      config.language.vocabulary || (readRunTokens(runPath(context.home.runs, summary.id))?.length ?? 0)
    const counted = runSizes(config, vocabulary)
    if (vocabulary > 0) sizes.set(summary.id, counted)
    return counted
  }
  const sourceOf = (table: PaperTable, family: string | null, runs = allRuns()): TableSource => ({
    paper,
    table,
    runs,
    imported: context.imported.ofTable(table.id),
    family,
    sizesOf,
  })
  const cardOf = (source: TableSource, row: number, key: string): PaperCellCard | null =>
    cellCard(source, row, key, {
      cardsOf: (id) => context.runs.provenance(id),
      answersOf: (id) => lastAnswers(runPath(context.home.runs, id)),
    })

  return {
    list(): PaperTableSummary[] {
      const runs = allRuns()
      return paper.tables.map((table) => summaryOf(tableView(sourceOf(table, null, runs))))
    },
    table: (id: number, family: string | null): PaperTableView => tableView(sourceOf(tableOf(id), family)),
    cell(id: number, row: number, key: string, family: string | null): PaperCellCard {
      const table = tableOf(id)
      columnOf(table, row, key)
      const card = cardOf(sourceOf(table, family), row, key)
      if (!card) throw notFound(`table ${id} has no cell "${key}" in row ${row}`, 'Reload the table.')
      return card
    },
    experiments: (id: number, row: number) => launch.experiments(tableOf(id), row),
    run: (id: number, request: RunRequest) => launch.run(tableOf(id), request),
    import({ table: id, row, column: key, source, file, metric }: ImportRequest) {
      const table = tableOf(id)
      const column = columnOf(table, row, key)
      if (column.fact !== undefined || column.own)
        throw badRequest(`${key} takes no imported figure`, 'Choose a column of figures that the paper has.')
      try {
        const { card, scores } = readResultFile(file, column, metric)
        const value = figureOfCard(card, column)
        const imported = context.imported.insert({
          source,
          table: id,
          row,
          column: key,
          value,
          card,
          scores,
          importedAt: Date.now(),
        })
        context.changes.emit({ topic: 'paper' })
        return { id: imported, metric: card.metric, value }
      } catch (error) {
        if (!(error instanceof ResultFileError)) throw error
        throw badRequest(error.message, error.hint)
      }
    },
    removeImported(id: number): { removed: true } {
      if (!context.imported.remove(id))
        throw notFound(`there is no imported figure ${id}`, 'It may have been removed; reload the table.')
      context.changes.emit({ topic: 'paper' })
      return { removed: true }
    },
    async export({ format, tables, family }: ExportRequest): Promise<{ name: string; file: Blob }> {
      const runs = allRuns()
      const chosen = tables === null ? paper.tables : tables.map(tableOf)
      const sources = chosen.map((table) => sourceOf(table, family, runs))
      const { extension, type } = FILES[format]
      const file = new Blob([await contentOf(format, sources)], { type })
      const [only] = chosen
      return { name: chosen.length === 1 && only ? `table-${only.id}.${extension}` : `paper.${extension}`, file }
    },
  }

  function withCards(source: TableSource): TableWithCards {
    const view = tableView(source)
    const cards = view.rows.flatMap((row, index) =>
      row.cells.flatMap((cell, column) => {
        const key = view.columns[column]?.key
        const filled = cell.measured || cell.imported.length > 0
        return (filled && key !== undefined && cardOf(source, index, key)) || []
      }),
    )
    return { view, cards }
  }

  async function contentOf(
    format: ExportRequest['format'],
    sources: readonly TableSource[],
  ): Promise<string | Uint8Array<ArrayBuffer>> {
    const views = sources.map(tableView)
    switch (format) {
      case 'latex':
        return paperLatex(views)
      case 'csv':
        return paperCsv(views)
      case 'html':
        return paperHtml(sources.map(withCards), `UniCode Workbench ${appVersion()}`)
      case 'markdown':
        return paperMarkdown(sources.map(withCards))
      case 'png':
        return new Uint8Array(await paperPng(views))
    }
  }
}

function summaryOf({ id, title, sentence, rows, columns }: PaperTableView): PaperTableSummary {
  const figures = rows.flatMap(({ cells }) => cells.filter((_, at) => !columns[at]?.fact && !columns[at]?.own))
  return {
    id,
    title,
    sentence,
    filled: figures.filter(({ measured, imported }) => measured || imported.length > 0).length,
    cells: figures.length,
    open: rows.reduce((sum, { runs }) => sum + runs.running + runs.queued, 0),
  }
}
