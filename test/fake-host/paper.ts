import { implement } from '@orpc/server'
import { cellCard } from '../../src-main/services/paper/cell-card.ts'
import { paperLatex } from '../../src-main/services/paper/export/latex.ts'
import { readPaper } from '../../src-main/services/paper/read-tables.ts'
import { readResultFile } from '../../src-main/services/paper/result-file.ts'
import { runSizes as sizesOfConfig } from '../../src-main/services/paper/run-sizes.ts'
import { type TableSource, tableView } from '../../src-main/services/paper/table-view.ts'
import type { ImportedRow } from '../../src-main/store/tables.ts'
import { contract } from '../../src-shared/contract/index.ts'
import type { Preset } from '../../src-shared/contract/presets.ts'
import { familyLabel } from '../../src-shared/paper/config-words.ts'
import { experimentOf } from '../../src-shared/paper/experiments.ts'
import { type PaperTable, type RunSize, runSizes } from '../../src-shared/paper/tables.ts'
import { parseConfig } from '../../src-shared/parse-config.ts'
import { VOCABULARY } from './curves.ts'
import { preflight } from './plan.ts'
import { provenanceOf } from './provenance.ts'
import { addRun, presets, runs, summary } from './runs.ts'

/** The paper's tables over the made-up runs, and over a few of their rows trained for show. */
const os = implement(contract)
const paper = readPaper()
const read: Preset[] = presets.map((preset) => ({ ...preset, baseline: parseConfig(preset.baseline) }))
const imported: ImportedRow[] = []

const tableOf = (id: number): PaperTable => {
  const table = paper.tables.find((each) => each.id === id)
  if (!table) throw new Error(`the paper has no table ${id}`)
  return table
}

function train(
  id: number,
  rows: readonly number[],
  size: RunSize,
  seeds: readonly number[],
  state: 'finished' | 'running',
) {
  const table = tableOf(id)
  return rows.flatMap((row) => {
    const config = experimentOf(table, row, size, read)
    if (!config) return []
    const name = `${table.rows[row]?.name} t${id}`
    return seeds.map((seed) => addRun(`${name} s${seed}`, state, parseConfig({ ...config, seed })).id)
  })
}
train(1, [0, 1, 2], 'minutes', [0, 1, 2], 'finished')
train(4, [0, 1], 'minutes', [0, 1, 2], 'finished')
train(4, [2], 'minutes', [3], 'running')
train(10, [0, 1, 5, 7], 'minutes', [0, 1], 'finished')
train(9, [4, 6, 8], 'minutes', [0], 'finished')

imported.push({
  id: 1,
  source: 'LLaVA-1.5 7B, answers of the authors',
  table: 11,
  row: 5,
  column: 'POPE',
  value: 85.9,
  importedAt: Date.now(),
  scores: null,
  card: {
    metric: 'POPE accuracy',
    value: 85.9,
    unit: '%',
    higherIsBetter: true,
    definition: 'Share of right answers over three splits.',
    source: 'official scorer',
    extractor: null,
    resize: '',
    reference: 'POPE, COCO val2014',
    count: 9000,
    seed: null,
    interval: null,
    bias: null,
    warnings: [],
  },
})

const sourceOf = (id: number, family: string | null): TableSource => ({
  paper,
  table: tableOf(id),
  runs: [...runs.values()].map((run) => ({ summary: summary(run), config: run.config })),
  imported: imported.filter(({ table }) => table === id),
  family,
  sizesOf: ({ config }) => sizesOfConfig(config, config.language.vocabulary || VOCABULARY),
})

export const paperRouter = {
  list: os.paper.list.handler(() =>
    paper.tables.map(({ id, title, sentence }) => {
      const { rows, columns } = tableView(sourceOf(id, null))
      const cells = rows.flatMap((row) => row.cells.filter((_, at) => !columns[at]?.fact && !columns[at]?.own))
      return {
        id,
        title,
        sentence,
        filled: cells.filter((cell) => cell.measured || cell.imported.length > 0).length,
        cells: cells.length,
        open: rows.reduce((sum, row) => sum + row.runs.running + row.runs.queued, 0),
      }
    }),
  ),
  table: os.paper.table.handler(({ input, errors }) => {
    if (!paper.tables.some(({ id }) => id === input.table))
      throw errors.NOT_FOUND({
        message: `the paper has no table ${input.table}`,
        data: { hint: 'Its tables are 1 to 11.' },
      })
    return tableView(sourceOf(input.table, input.family))
  }),
  cell: os.paper.cell.handler(({ input, errors }) => {
    const card = cellCard(sourceOf(input.table, input.family), input.row, input.column, {
      cardsOf: () => provenanceOf(1),
      answersOf: () => null,
    })
    if (card) return card
    throw errors.NOT_FOUND({ message: 'there is no such cell', data: { hint: 'Reload the table.' } })
  }),
  experiments: os.paper.experiments.handler(({ input }) => {
    const table = tableOf(input.table)
    return runSizes.flatMap((size) => {
      const config = experimentOf(table, input.row, size, read)
      if (!config) return []
      const told = preflight({ baseline: config, factors: [], seeds: [0] })
      const missing =
        size === 'paper'
          ? [
              {
                path: 'language.path',
                what: 'language model' as const,
                message: 'There is no language model at "models/vicuna-7b".',
                remedy: 'Set language.path.',
              },
            ]
          : []
      return [
        {
          size,
          preset: table.runs[size].preset ?? '',
          label: familyLabel({ ...table, varies: [] }, config, 'emoji, fluent-3d'),
          sizes: [
            ['Pictures', `${config.data.resolution} × ${config.data.resolution} px`],
            ['Language model', size === 'minutes' ? 'words, 0.4M parameters' : 'SmolLM2-135M'],
          ] as [string, string][],
          minutes: size === 'paper' ? 412 * 60 : size === 'hours' ? 118 : 2.2,
          memoryBytes: told.preflight?.memoryBytes ?? null,
          missing,
          problems: told.problems,
          machine: size === 'paper' ? '8 devices of 80 GB and 250 TFLOP/s, 40 % of which training reaches' : null,
        },
      ]
    })
  }),
  run: os.paper.run.handler(({ input }) => ({
    id: 'ablation-1',
    runIds: train(input.table, input.rows, input.size, input.seeds, 'running'),
  })),
  import: os.paper.import.handler(({ input, errors }) => {
    const column = tableOf(input.table).columns.find(({ key }) => key === input.column)
    try {
      if (!column) throw new Error(`there is no column "${input.column}"`)
      const { card } = readResultFile(input.file, column, input.metric)
      const id = imported.length + 1
      const { table, row, source } = input
      imported.push({
        id,
        source,
        table,
        row,
        column: input.column,
        value: Number(card.value),
        card,
        scores: null,
        importedAt: Date.now(),
      })
      return { id, metric: card.metric, value: Number(card.value) }
    } catch (error) {
      const { message, hint = '' } = error as Error & { hint?: string }
      throw errors.BAD_REQUEST({ message, data: { hint, problems: [] } })
    }
  }),
  removeImported: os.paper.removeImported.handler(({ input }) => {
    const at = imported.findIndex(({ id }) => id === input.id)
    imported.splice(at, 1)
    return { removed: true as const }
  }),
  export: os.paper.export.handler(({ input }) => ({
    name: 'paper.tex',
    file: new Blob([paperLatex(paper.tables.map(({ id }) => tableView(sourceOf(id, input.family))))]),
  })),
}
