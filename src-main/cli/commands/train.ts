import type { Command } from 'commander'
import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import { readPresets } from '../../services/presets.ts'
import {
  addCommand,
  addExperimentOptions,
  type Cli,
  type ExperimentOptions,
  overridesOf,
  withWorkbench,
} from '../command.ts'
import { readConfigs } from '../experiment.ts'
import { exitCodeOf, followRuns } from '../follow.ts'
import { short, table } from '../table.ts'

export function addTrain(cli: Cli, program: Command): void {
  const command = addCommand(cli, program, {
    name: 'train',
    summary: 'Train one setting: the baseline of a preset, or a config',
    examples: [
      'train quick --max-steps 50',
      'train quick --set codebook.paradigm=dual --seeds 0,1',
      'train config.json',
    ],
  }).argument('<preset|config.json>', 'id of a preset, or a JSON file')
  addExperimentOptions(command)
  command.handle(async (what: string, options: ExperimentOptions) => {
    const configs = readConfigs(what, readPresets(), overridesOf(options))
    // One run by itself has every core.
    const concurrency = options.concurrency ?? (configs.length === 1 ? 1 : undefined)
    return withWorkbench(cli, { ...options, ...(concurrency ? { concurrency } : {}) }, async ({ client }) => {
      const ids: string[] = []
      for (const config of configs) ids.push((await client.runs.create({ config })).id)
      const runs = await followRuns(client.runs, ids, cli.terminal)
      return { document: { runs }, text: runsText(runs), exitCode: exitCodeOf(runs, cli.terminal) }
    })
  })
}

/** Runs with their main numbers. */
export const runsText = (runs: readonly RunSummary[]): string =>
  table(
    ['id', 'name', 'state', 'step', 'held-out MSE', 'PSNR dB', 'text perplexity'],
    runs.map(({ id, name, state, step, steps, latest }) => [
      id,
      name,
      state,
      `${step}/${steps}`,
      ...['heldout.mse', 'heldout.psnr', 'language.perplexity'].map((metric) => cell(latest[metric])),
    ]),
  )

const cell = (value: number | undefined): string => (value === undefined ? '–' : short(value))
