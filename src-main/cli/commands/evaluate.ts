import { type Command, Option } from 'commander'
import { addCommand, type Cli, wholeNumber } from '../command.ts'
import { UsageError } from '../errors.ts'
import { addCodebookOptions, type CodebookOptions, evaluateCodebookOf } from '../evaluations/codebook.ts'

interface EvaluateOptions extends CodebookOptions {
  codebook?: boolean
}

export function addEvaluate(cli: Cli, program: Command): void {
  const command = addCommand(cli, program, {
    name: 'evaluate',
    summary: 'Measure a trained run',
    description:
      'Measure a run’s checkpoint on the pictures it holds out. With --codebook: usage and perplexity of its codebook by every definition, how well classes are told from its codes, and how much like text they are. With --json each figure comes with its definition, source, count, interval and warnings.',
    examples: ['evaluate RUN --codebook', 'evaluate RUN --codebook --classes group --pictures 500 --json'],
  })
  command
    .handle(async (run: string, options: EvaluateOptions) => {
      if (!options.codebook) throw new UsageError('say what to measure: --codebook')
      return evaluateCodebookOf(cli, run, options)
    })
    .argument('<run>', 'id or directory of a run')
    .option('--codebook', 'its codebook')
    .addOption(
      new Option('--classes <by>', 'what a picture’s class is, for probing')
        .choices(['group', 'subgroup'])
        .default('subgroup'),
    )
    .option('--seed <n>', 'of what is drawn', wholeNumber(0), 0)
    .option('--step <n>', 'checkpoint of that step (default: the newest)', wholeNumber(0))
    .option('--threads <n>', 'threads to use (default: all cores)', wholeNumber(1))
  addCodebookOptions(command)
}
