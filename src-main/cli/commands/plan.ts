import type { Command } from 'commander'
import { tokensPerPicture } from '../../../src-shared/code-maps.ts'
import type { PreFlight } from '../../../src-shared/contract.ts'
import { readPresets } from '../../services/presets.ts'
import { listPrograms } from '../../training/programs-listing.ts'
import {
  addCommand,
  addExperimentOptions,
  type Cli,
  type ExperimentOptions,
  overridesOf,
  withWorkbench,
} from '../command.ts'
import { exitCodes } from '../errors.ts'
import { readPlan } from '../experiment.ts'
import { chosenPrograms, irText } from '../print-ir.ts'
import { duration, table } from '../table.ts'

interface PlanOptions extends ExperimentOptions {
  /** True for all programs. */
  printIr?: string | true
}

export function addPlan(cli: Cli, program: Command): void {
  const command = addCommand(cli, program, {
    name: 'plan',
    summary: 'Say what an experiment takes before it starts',
    description:
      'Check an experiment down to every run, and say what it takes: parameters, memory, minutes, and what to look out for. Trains nothing.',
    examples: ['plan quick', 'plan config.json --set data.resolution=64', 'plan quick --print-ir "language step"'],
  }).argument('<preset|config.json>', 'id of a preset, or a JSON file')
  addExperimentOptions(command)
  command.option(
    '--print-ir [program]',
    'print the baseline’s programs, or one of them, as the engine traces them and after its passes',
  )
  command.handle(async (what: string, options: PlanOptions) => {
    const plan = readPlan(what, readPresets(), overridesOf(options))
    return withWorkbench(cli, options, async ({ client }) => {
      const { name, baseline, factors, seeds } = plan
      const { problems, preflight, runs } = await client.plan.preflight({ name, baseline, factors, seeds })
      const arms = plan.arms.map(({ label, settings, isBaseline }) => ({ label, settings, isBaseline }))
      const document = { name, arms, seeds, runs, problems, preflight }
      if (preflight === null)
        return {
          document,
          text: problems.map(({ path, message }) => `${path}: ${message}`).join('\n'),
          exitCode: exitCodes.usage,
        }
      if (options.printIr !== undefined) {
        const ir = chosenPrograms(await listPrograms(baseline, preflight.vocabulary), options.printIr)
        return { document: { ...document, ir }, text: irText(ir) }
      }
      const title = `${name}: ${runs} ${runs === 1 ? 'run' : 'runs'}, ${tokensPerPicture(baseline)} codes a picture`
      return { document, text: `${title}\n\n${preflightText(preflight, runs)}` }
    })
  })
}

export function preflightText(preflight: PreFlight, runs: number): string {
  const total = preflight.parameters.reduce((sum, { count }) => sum + count, 0)
  const minutes = (value: number | null) =>
    value === null ? 'not known yet: nothing has been measured here' : duration(value * 60)
  const facts: [string, string][] = [
    ...preflight.parameters.map(({ part, count }): [string, string] => [`parameters, ${part}`, grouped(count)]),
    ['parameters, all', grouped(total)],
    ['codebook', `${grouped(preflight.codebookSize)} codes of width ${preflight.codeWidth}`],
    ['vocabulary', `${grouped(preflight.vocabulary)} words`],
    ['pictures', `${grouped(preflight.trainingPictures)} for training, ${grouped(preflight.heldOutPictures)} held out`],
    ['memory of one run', `${grouped(preflight.memoryBytes / 1e6)} MB`],
    ['time of one run', minutes(preflight.minutesPerRun)],
    ...(runs > 1 ? [['time of all runs', minutes(preflight.minutes)] as [string, string]] : []),
  ]
  const warnings = preflight.warnings.map(({ path, message, remedy }) => `! ${path}: ${message} ${remedy}`)
  return [table(['', 'estimate'], facts), ...(warnings.length > 0 ? ['', ...warnings] : [])].join('\n')
}

const grouped = (value: number): string => Math.round(value).toLocaleString('en-GB')
