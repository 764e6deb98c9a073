import type { Command } from 'commander'
import { differingPaths } from '../../../src-shared/ablation-plan.ts'
import { configValue } from '../../../src-shared/config-paths.ts'
import type { RunDetail, RunSummary } from '../../../src-shared/contract/runs.ts'
import { readRunConfig } from '../../jobs/run-directory.ts'
import { HomeError } from '../../services/home.ts'
import {
  addCommand,
  addRunChanges,
  type Cli,
  type CommandResult,
  type CommonOptions,
  type ExperimentOptions,
  homeOf,
  overridesOf,
  wholeNumber,
  withWorkbench,
} from '../command.ts'
import { changeConfig } from '../experiment.ts'
import { exitCodeOf, followRuns } from '../follow.ts'
import { importRunDirectory } from '../import-run.ts'
import { runDirectory } from '../run-folder.ts'
import { askToEnd, beginsTraining, isTraining } from '../run-requests.ts'
import { short, table } from '../table.ts'
import { note } from '../terminal.ts'
import { runsText } from './train.ts'

interface QueueOptions extends CommonOptions {
  concurrency?: number
}

export function addRuns(cli: Cli, program: Command): void {
  const runs = program
    .command('runs')
    .summary('List, show, pause, resume, stop, clone, remove or import runs')
    .description('What there is in a home, and what to do with it.')

  addCommand(cli, runs, {
    name: 'list',
    summary: 'List all runs, newest first',
    examples: ['runs list', 'runs list --json'],
  })
    .option('--state <state>', 'only runs in that state, such as finished or paused')
    .handle((options: CommonOptions & { state?: string }) =>
      withWorkbench(cli, options, async ({ client }) => {
        const found = (await client.runs.list()).filter(({ state }) => !options.state || state === options.state)
        return { document: { runs: found }, text: found.length > 0 ? runsText(found) : 'There are no runs.' }
      }),
    )

  addCommand(cli, runs, {
    name: 'show',
    summary: 'Show one run: state, settings, numbers, alarms',
    examples: ['runs show RUN'],
  })
    .handle((id: string, options: CommonOptions) =>
      withWorkbench(cli, options, async ({ client }) => {
        const run = await client.runs.get({ id })
        return { document: run, text: detailText(run) }
      }),
    )
    .argument('<run>', 'id of a run')

  for (const request of ['pause', 'stop'] as const)
    addCommand(cli, runs, {
      name: request,
      summary: request === 'pause' ? 'Pause runs with a checkpoint' : 'Stop runs with a checkpoint',
      description: `${request === 'pause' ? 'Pause' : 'Stop'} runs after the step they are at, with a checkpoint. Works while an app has the home.`,
      examples: [`runs ${request} RUN`],
    })
      .handle((ids: string[], options: CommonOptions) => endRuns(cli, ids, options, request))
      .argument('<run...>', 'ids of runs')

  addCommand(cli, runs, {
    name: 'resume',
    summary: 'Train paused, stopped, interrupted or failed runs to their end',
    examples: ['runs resume RUN', 'runs resume RUN RUN --concurrency 2'],
  })
    .handle((ids: string[], options: QueueOptions) =>
      withWorkbench(cli, options, async ({ client }) => {
        for (const id of ids) await client.runs.resume({ id })
        return followed(cli, await followRuns(client.runs, ids, cli.terminal))
      }),
    )
    .argument('<run...>', 'ids of runs')
    .option('--concurrency <n>', 'runs that go at once', wholeNumber(1))

  const clone = addCommand(cli, runs, {
    name: 'clone',
    summary: 'Train a copy of a run, with changed settings',
    examples: ['runs clone RUN --set codebook.interval=5', 'runs clone RUN --set seed=1'],
  }).argument('<run>', 'id of a run')
  addRunChanges(clone)
  clone.handle(async (id: string, options: ExperimentOptions) => {
    const config = readRunConfig(runDirectory(homeOf(cli, options), id))
    const changed = changeConfig(config, overridesOf(options))
    const changes = Object.fromEntries(
      differingPaths(config, changed).map((path) => [path, configValue(changed, path)]),
    )
    return withWorkbench(cli, options, async ({ client }) => {
      const created = await client.runs.clone({ id, changes })
      return followed(cli, await followRuns(client.runs, [created.id], cli.terminal))
    })
  })

  addCommand(cli, runs, {
    name: 'remove',
    summary: 'Delete runs with everything they recorded',
    examples: ['runs remove RUN'],
  })
    .handle((ids: string[], options: CommonOptions) =>
      withWorkbench(cli, options, async ({ client }) => {
        for (const id of ids) {
          await client.runs.remove({ id })
          note(cli.terminal, `removed ${id}`)
        }
        return { document: { removed: ids }, text: `${ids.length} removed.` }
      }),
    )
    .argument('<run...>', 'ids of runs')

  addCommand(cli, runs, {
    name: 'import',
    summary: 'Copy run directories from elsewhere into the home',
    description:
      'Copy run directories from elsewhere, such as a cluster, into the home. An app that has the home shows them within seconds.',
    examples: ['runs import /data/cluster/20261124-112233-k3x9qa'],
  })
    .handle(async (paths: string[], options: CommonOptions) => {
      const home = homeOf(cli, options)
      const ids = paths.map((path) => importRunDirectory(home, path))
      return {
        document: { imported: await importedRuns(cli, options, ids) },
        text: ids.map((id) => `imported ${id}`).join('\n'),
      }
    })
    .argument('<directory...>', 'run directories')
}

const followed = (cli: Cli, runs: RunSummary[]): CommandResult => ({
  document: { runs },
  text: runsText(runs),
  exitCode: exitCodeOf(runs, cli.terminal),
})

async function endRuns(
  cli: Cli,
  ids: string[],
  options: CommonOptions,
  request: 'pause' | 'stop',
): Promise<CommandResult> {
  const ended: { id: string; state: string; reason: string }[] = []
  for (const id of ids) ended.push({ id, ...(await endRun(cli, id, options, request)) })
  return {
    document: { runs: ended },
    text: ended.map(({ id, state, reason }) => `${id}: ${state}. ${reason}`).join('\n'),
  }
}

/** Through the run directory where a process trains; through the queue where none does yet. */
async function endRun(cli: Cli, id: string, options: CommonOptions, request: 'pause' | 'stop') {
  const directory = runDirectory(homeOf(cli, options), id)
  if (isTraining(directory)) return askToEnd(directory, request)
  try {
    return await withWorkbench(cli, options, async ({ client }) => ({
      state: (await client.runs[request]({ id })).state,
      reason: '',
    }))
  } catch (error) {
    // The app that has the home may be starting the run at this moment.
    if (error instanceof HomeError && (await beginsTraining(directory))) return askToEnd(directory, request)
    throw error
  }
}

/** What became of imported runs; an app that has the home shows them itself. */
async function importedRuns(cli: Cli, options: CommonOptions, ids: string[]): Promise<Partial<RunSummary>[]> {
  try {
    return await withWorkbench(cli, options, async ({ client }) =>
      (await client.runs.list()).filter(({ id }) => ids.includes(id)),
    )
  } catch (error) {
    if (!(error instanceof HomeError)) throw error
    return ids.map((id) => ({ id }))
  }
}

function detailText(run: RunDetail): string {
  const facts: [string, string][] = [
    ['id', run.id],
    ['name', run.name],
    ['state', `${run.state}${run.reason ? ` (${run.reason})` : ''}`],
    ['step', `${run.step} of ${run.steps}`],
    ['directory', run.directory],
    ['checkpoints', run.checkpointSteps.join(', ') || '–'],
    ...(run.parentId ? [['parent', run.parentId] as [string, string]] : []),
    ...(run.armLabel ? [['arm', run.armLabel] as [string, string]] : []),
  ]
  const numbers = Object.entries(run.latest).map(([metric, value]) => [metric, short(value)])
  const alarms = run.alarmList.map(({ step, message, remedy }) => `! step ${step}: ${message} ${remedy}`)
  return [
    facts.map(([name, value]) => `${name.padEnd(12)}${value}`).join('\n'),
    ...(numbers.length > 0 ? [table(['latest', 'value'], numbers)] : []),
    ...(alarms.length > 0 ? [alarms.join('\n')] : []),
    JSON.stringify(run.config, null, 2),
  ].join('\n\n')
}
