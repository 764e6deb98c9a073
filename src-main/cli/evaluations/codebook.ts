import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { type MetricCard, metricCardSchema } from '../../../src-shared/metric-card.ts'
import { measureRunCodebook } from '../../jobs/measure-run-codebook.ts'
import { type Cli, type CommandResult, type CommonOptions, homeOf, wholeNumber } from '../command.ts'
import { createProgress } from '../progress.ts'
import { openCheckpoint, openRunFolder } from '../run-folder.ts'
import { short, table } from '../table.ts'
import { note } from '../terminal.ts'

/** Options of `evaluate <run> --codebook` alone. */
export interface CodebookOptions extends CommonOptions {
  pictures?: number
  batch?: number
  classes: 'group' | 'subgroup'
  seed: number
  step?: number
  threads?: number
}

export const addCodebookOptions = (command: Command): Command =>
  command
    .option('--codebook', 'measure the codebook of a run')
    .addOption(
      new Option('--classes <by>', 'what a picture’s class is, for probing')
        .choices(['group', 'subgroup'])
        .default('subgroup'),
    )
    .option('--step <n>', 'checkpoint of that step (default: the newest)', wholeNumber(0))
    .option('--pictures <n>', 'measure at most so many held-out pictures (default: all)', wholeNumber(1))
    .option(
      '--batch <n>',
      'pictures of a batch, for the usages that go by batches (default: as trained)',
      wholeNumber(1),
    )

/** Measures the codebook of a run's checkpoint on its held-out pictures. The run may belong to an app that is open. */
export async function evaluateCodebookOf(cli: Cli, run: string, options: CodebookOptions): Promise<CommandResult> {
  const home = homeOf(cli, options)
  const { directory, config, tokens } = openRunFolder(home, run)
  const { step, file } = openCheckpoint(directory, options.step, (message) => note(cli.terminal, message))
  const progress = createProgress(cli.terminal)
  try {
    const { cards, notMeasured } = await measureRunCodebook({
      ...{ config, tokens, checkpoint: file, batch: options.batch },
      asked: { classes: options.classes, pictures: options.pictures ?? 0, seed: options.seed },
      cacheDir: join(home, 'cache'),
      threads: options.threads ?? availableParallelism(),
      progress: progress.show,
    })
    progress.end()
    for (const { what, why } of notMeasured) note(cli.terminal, `Not measured: ${what}: ${why}.`)
    return {
      document: { run, step, cards: cards.map((card) => metricCardSchema.parse(card)), notMeasured },
      text: cardTable(cards),
    }
  } finally {
    progress.end()
  }
}

/** Figures for people, with what makes them doubtful below. */
function cardTable(cards: readonly MetricCard[]): string {
  const figure = (value: MetricCard['value']) => (typeof value === 'number' ? short(value) : value)
  const rows = cards.map(({ metric, value, interval, unit, count }) => [
    metric,
    figure(value),
    interval ? `${short(interval.low)} to ${short(interval.high)}` : '–',
    unit,
    String(count),
  ])
  const doubts = new Map<string, string[]>()
  for (const { metric, warnings } of cards)
    for (const warning of warnings) doubts.set(warning, [...(doubts.get(warning) ?? []), metric])
  const below = [...doubts].map(
    ([warning, metrics]) => `${metrics[0]}${metrics.length > 1 ? ` and ${metrics.length - 1} more` : ''}: ${warning}`,
  )
  return [
    table(['metric', 'value', '95 % interval', 'unit', 'count'], rows),
    ...(below.length > 0 ? ['', ...below] : []),
  ].join('\n')
}
