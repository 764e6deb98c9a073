import type { Command } from 'commander'
import type { AblationDetail } from '../../../src-shared/contract/ablations.ts'
import { metricDefinition } from '../../../src-shared/metrics.ts'
import { readPresets } from '../../services/presets.ts'
import {
  addCommand,
  addExperimentOptions,
  type Cli,
  type ExperimentOptions,
  overridesOf,
  withWorkbench,
} from '../command.ts'
import { readPlan } from '../experiment.ts'
import { exitCodeOf, followRuns } from '../follow.ts'
import { short, table } from '../table.ts'
import { note } from '../terminal.ts'

export function addAblate(cli: Cli, program: Command): void {
  const command = addCommand(cli, program, {
    name: 'ablate',
    summary: 'Run an ablation: a baseline, factors and seeds',
    description:
      'Run an ablation: every combination of the factors’ values with every seed. Ends with the result table, mean ± standard deviation over seeds, best marked *.',
    examples: ['ablate quick', 'ablate sync-sweep --seeds 0 --max-steps 100', 'ablate plan.json --json'],
  }).argument('<preset|plan.json>', 'id of a preset, or a JSON file with a baseline, factors and seeds')
  addExperimentOptions(command)
  command.handle(async (what: string, options: ExperimentOptions) => {
    const { name, baseline, factors, seeds } = readPlan(what, readPresets(), overridesOf(options))
    return withWorkbench(cli, options, async ({ client }) => {
      const { id, runIds } = await client.ablations.create({ name, baseline, factors, seeds })
      note(cli.terminal, `${name}: ${runIds.length} runs`)
      const runs = await followRuns(client.runs, runIds, cli.terminal)
      const detail = await client.ablations.get({ id })
      return { document: detail, text: resultTable(detail), exitCode: exitCodeOf(runs, cli.terminal) }
    })
  })
}

/** Arm × metric, mean ± standard deviation over seeds; the best of a column is marked with a star. */
export function resultTable({ arms, metrics, name, seeds }: AblationDetail): string {
  const shown = metrics.filter((metric) => arms.some((arm) => (arm.cells[metric]?.mean ?? null) !== null))
  const header = shown.map((metric) => {
    const definition = metricDefinition(metric)
    return `${definition?.label ?? metric}${arrows[definition?.better ?? 'none']}`
  })
  // One line per metric, one column per arm: a terminal is narrow, and arms are few.
  const rows = shown.map((metric, at) => [
    header[at] as string,
    ...arms.map((arm) => {
      const cell = arm.cells[metric]
      if (!cell || cell.mean === null) return '–'
      const spread = cell.std === null ? '' : ` ± ${short(cell.std)}`
      return `${short(cell.mean)}${spread}${cell.best ? ' *' : ''}`
    }),
  ])
  const counts = arms.map((arm) => `${Math.max(0, ...Object.values(arm.cells).map(({ n }) => n))} of ${seeds.length}`)
  return [
    `${name}, mean ± standard deviation over seeds, * best`,
    '',
    table(['', ...arms.map((arm) => arm.label)], [...rows, ['seeds with a result', ...counts]]),
  ].join('\n')
}

const arrows = { lower: ' ↓', higher: ' ↑', none: '' }
