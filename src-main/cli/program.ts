import { Command, CommanderError } from 'commander'
import { type Cli, PROGRAM } from './command.ts'
import { addAblate } from './commands/ablate.ts'
import { addChat } from './commands/chat.ts'
import { addDialogues } from './commands/dialogues.ts'
import { addDoctor } from './commands/doctor.ts'
import { addEvaluate } from './commands/evaluate.ts'
import { addExport } from './commands/export.ts'
import { addGenerate } from './commands/generate.ts'
import { addModels } from './commands/models.ts'
import { addPlan } from './commands/plan.ts'
import { addReconstruct } from './commands/reconstruct.ts'
import { addReport } from './commands/report.ts'
import { addRuns } from './commands/runs.ts'
import { addTokenize } from './commands/tokenize.ts'
import { addTrain } from './commands/train.ts'
import { errorText, exitCodes, reportOf } from './errors.ts'
import { note } from './terminal.ts'

/** The whole command line. */
export function createProgram(cli: Cli, version: string): Command {
  const program = new Command(PROGRAM)
    .description('Train and compare unified visual-text codebooks without a window.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void cli.terminal.stdout.write(text),
      writeErr: (text) => void cli.terminal.stderr.write(text),
      // Every error is told in one place, below.
      outputError: () => {},
    })
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 bad usage or bad config, 130 paused by Ctrl-C.')
  for (const add of [
    addTrain,
    addAblate,
    addPlan,
    addRuns,
    addModels,
    addReport,
    addDialogues,
    addTokenize,
    addReconstruct,
    addGenerate,
    addChat,
    addEvaluate,
    addExport,
    addDoctor,
  ])
    add(cli, program)
  return program
}

/**
 * Runs one command line to its end.
 * @param words what follows the program's name
 * @returns the exit code
 */
export async function runCommandLine(cli: Cli, words: readonly string[], version: string): Promise<number> {
  try {
    await createProgram(cli, version).parseAsync(words, { from: 'user' })
    return cli.exitCode
  } catch (error) {
    // Help and version are thrown as well; they have been printed.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage
    const report = reportOf(error)
    note(cli.terminal, errorText(report))
    if (words.includes('--json')) {
      const { message, hint, problems } = report
      cli.terminal.stdout.write(`${JSON.stringify({ error: { message, hint, problems } }, null, 2)}\n`)
    }
    return report.exitCode
  }
}
