import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { paperFormats } from '../../../src-shared/contract/paper.ts'
import { addCommand, type Cli, type CommonOptions, seedList, wholeNumber, withWorkbench } from '../command.ts'
import { UsageError } from '../errors.ts'
import { exitCodeOf, followRuns } from '../follow.ts'
import { refuseOverwriting, writeOutput } from '../output-files.ts'
import { note } from '../terminal.ts'
import { resultTable } from './ablate.ts'

interface ExportOptions extends CommonOptions {
  format: (typeof paperFormats)[number]
  out: string
  table?: number[]
  force?: boolean
}
interface ImportOptions extends CommonOptions {
  table: number
  row: number
  column: string
  source: string
  metric?: string
}
interface RunOptions extends CommonOptions {
  size: 'minutes' | 'hours'
  row?: number[]
  seeds?: number[]
  concurrency?: number
}

/** The paper's tables beside what was measured in a home. */
export function addPaper(cli: Cli, program: Command): void {
  const paper = program.command('paper').summary('The paper’s tables beside what was measured here')

  addCommand(cli, paper, {
    name: 'export',
    summary: 'Write the paper’s tables with what was measured here to a file',
    description:
      'Write the paper’s tables, each figure beside what the runs of the home measured and what was imported: as LaTeX (booktabs), CSV (one line a figure), a standalone HTML report with the card of each figure, Markdown with the comparisons in words, or a PNG picture. Of each table the family of runs is taken that fills most of it.',
    examples: [
      'paper export --format latex --out tables.tex',
      'paper export --format html --table 1,4 --out report.html',
    ],
  })
    .addOption(new Option('--format <format>', 'what to write').choices(paperFormats).makeOptionMandatory())
    .requiredOption('--out <file>', 'file to write')
    .option('--table <list>', 'tables, such as 1,4 (default: all)', numberList)
    .option('--force', 'overwrite the file')
    .handle(async ({ format, out, table, force, ...options }: ExportOptions) => {
      refuseOverwriting([out], force)
      return withWorkbench(cli, options, async ({ client }) => {
        const { file } = await client.paper.export({ format, tables: table ?? null })
        writeOutput(out, new Uint8Array(await file.arrayBuffer()))
        return { document: { format, file: out }, text: `wrote ${out}` }
      })
    })

  addCommand(cli, paper, {
    name: 'import',
    summary: 'Take a figure of a cell from a result file',
    description:
      'Take a figure of a cell of the paper’s tables from a result file with a metric card, as evaluate --json writes it: for systems from elsewhere, whose answers or pictures were scored here.',
    examples: ['paper import pope.json --table 11 --row 5 --column POPE --source "LLaVA-1.5 7B"'],
  })
    .argument('<file>', 'result file')
    .requiredOption('--table <n>', 'table', wholeNumber(1))
    .requiredOption('--row <n>', 'row, counted from 0', wholeNumber(0))
    .requiredOption('--column <name>', 'column, as the table names it')
    .requiredOption('--source <words>', 'whose figure it is')
    .option('--metric <name>', 'metric, where the file has several')
    .handle(async (path: string, { table, row, column, source, metric, ...options }: ImportOptions) => {
      const file = readText(path)
      return withWorkbench(cli, options, async ({ client }) => {
        const taken = await client.paper.import({ table, row, column, source, file, metric: metric ?? null })
        return {
          document: taken,
          text: `table ${table}, row ${row}, ${column}: ${taken.metric} ${taken.value} of ${source}`,
        }
      })
    })

  addCommand(cli, paper, {
    name: 'plan',
    summary: 'Say what a row of a table takes at each size',
    examples: ['paper plan 4 --row 2'],
  })
    .argument('<table>', 'table', wholeNumber(1))
    .requiredOption('--row <n>', 'row, counted from 0', wholeNumber(0))
    .handle(async (table: number, { row, ...options }: CommonOptions & { row: number }) =>
      withWorkbench(cli, options, async ({ client }) => {
        const sizes = await client.paper.experiments({ table, row })
        const lines = sizes.flatMap(({ size, label, minutes, missing, problems }) => [
          `${size}: ${label}; ${minutes === null ? 'time not known' : `${Number(minutes.toPrecision(3))} minutes a run`}`,
          ...missing.map(({ message, remedy }) => `  ${message} ${remedy}`),
          ...problems.map(({ path, message }) => `  ${path}: ${message}`),
        ])
        return { document: { table, row, sizes }, text: lines.join('\n') }
      }),
    )

  addCommand(cli, paper, {
    name: 'run',
    summary: 'Train a table’s rows',
    description:
      'Train the rows of a table as an ablation whose arms they are. Ends with its result table; “paper export” then writes them beside the published figures.',
    examples: ['paper run 4', 'paper run 1 --size hours --row 0,2 --seeds 0'],
  })
    .argument('<table>', 'table', wholeNumber(1))
    .addOption(new Option('--size <size>', 'how large').choices(['minutes', 'hours']).default('minutes'))
    .option('--row <list>', 'rows, counted from 0 (default: all that are trained here)', numberList)
    .option('--seeds <list>', 'seeds (default: 0,1)', seedList)
    .option('--concurrency <n>', 'runs that go at once', wholeNumber(1))
    .handle(async (table: number, { size, row, seeds = [0, 1], ...options }: RunOptions) =>
      withWorkbench(cli, options, async ({ client }) => {
        const { rows } = await client.paper.table({ table })
        const all = rows.flatMap(({ outside }, index) => (outside === null ? [index] : []))
        const { id, runIds } = await client.paper.run({ table, rows: row ?? all, size, seeds })
        note(cli.terminal, `Table ${table}: ${runIds.length} runs`)
        const runs = await followRuns(client.runs, runIds, cli.terminal)
        const detail = await client.ablations.get({ id })
        return { document: detail, text: resultTable(detail), exitCode: exitCodeOf(runs, cli.terminal) }
      }),
    )
}

function numberList(text: string): number[] {
  const numbers = text.split(',').map(Number)
  if (text.trim() === '' || numbers.some((number) => !Number.isInteger(number) || number < 0))
    throw new InvalidArgumentError('Wanted whole numbers with commas between them, such as 1,4.')
  return numbers
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new UsageError(`${path} cannot be read: ${(cause as Error).message}`)
  }
}
