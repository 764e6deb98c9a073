import type { Command } from 'commander'
import { tokensPerPicture } from '../../../src-shared/code-maps.ts'
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
import { exitCodes, UsageError } from '../errors.ts'
import { readPlan } from '../experiment.ts'
import { addMachineOptions, type MachineOptions, machineOf, picturesOf } from '../machine-options.ts'
import { preflightText } from '../preflight-text.ts'
import { chosenPrograms, irText } from '../print-ir.ts'

interface PlanOptions extends ExperimentOptions, MachineOptions {
  /** True for all programs. */
  printIr?: string | true
}

export function addPlan(cli: Cli, program: Command): void {
  const command = addCommand(cli, program, {
    name: 'plan',
    summary: 'Say what an experiment takes before it starts',
    description:
      'Check an experiment down to every run, and say what it takes: parameters, memory, minutes, and what to look out for. Trains nothing, and needs neither the data nor the language model that the experiment names.',
    examples: [
      'plan quick',
      'plan config.json --set data.resolution=64',
      'plan hq-unicode-paper --pictures 558128 --throughput "250 TFLOP/s" --devices 8 --device-memory 80',
      'plan quick --print-ir "language step"',
    ],
  }).argument('<preset|config.json>', 'id of a preset, or a JSON file')
  addExperimentOptions(command)
  addMachineOptions(command)
  command.option(
    '--print-ir [program]',
    'print the baseline’s programs, or one of them, as the engine traces them and after its passes',
  )
  command.handle(async (what: string, options: PlanOptions) => {
    const plan = readPlan(what, readPresets(), overridesOf(options))
    const [machine, pictures] = [machineOf(options), picturesOf(options)]
    return withWorkbench(cli, options, async ({ client }) => {
      const { name, baseline, factors, seeds } = plan
      const { problems, preflight, runs } = await client.plan.preflight({
        name,
        baseline,
        factors,
        seeds,
        machine,
        pictures,
      })
      const arms = plan.arms.map(({ label, settings, isBaseline }) => ({ label, settings, isBaseline }))
      const document = { name, arms, seeds, runs, problems, preflight }
      if (preflight === null)
        return {
          document,
          text: problems.map(({ path, message }) => `${path}: ${message}`).join('\n'),
          exitCode: exitCodes.usage,
        }
      if (options.printIr !== undefined) {
        if (preflight.vocabulary === null)
          throw new UsageError('--print-ir: the texts that decide the vocabulary are not here; set data.source')
        const ir = chosenPrograms(await listPrograms(baseline, preflight.vocabulary), options.printIr)
        return { document: { ...document, ir }, text: irText(ir) }
      }
      const title = `${name}: ${runs} ${runs === 1 ? 'run' : 'runs'}, ${tokensPerPicture(baseline)} codes a picture`
      return { document, text: `${title}\n\n${preflightText(preflight, runs)}` }
    })
  })
}
