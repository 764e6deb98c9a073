import { type Command, InvalidArgumentError } from 'commander'
import type { Workbench } from '../services/workbench.ts'
import { homeFolder } from '../start/home.ts'
import { exitCodes } from './errors.ts'
import { result, type Terminal } from './terminal.ts'

/** The name of the program in examples and advice. */
export const PROGRAM = 'unicode-workbench'

/** What a command hands back: one document for --json, the same for people, and how it ended. */
export interface CommandResult {
  document: unknown
  text: string
  /** 0 unless given. */
  exitCode?: number
}

/** Options that every command has. */
export interface CommonOptions {
  home?: string
  json?: boolean
}

/** What commands share: where they write, and how they open a home. */
export interface Cli {
  terminal: Terminal
  environment: NodeJS.ProcessEnv
  /** Exit code of the command that ran. */
  exitCode: number
  /** Opens the home for this command alone. @throws HomeError if another app has it */
  openWorkbench(home: string, concurrency?: number): Promise<Workbench>
}

export const homeOf = (cli: Cli, options: CommonOptions): string => homeFolder(options.home, cli.environment)

/** Adds a command with what every command has: --home, --json, an example, and the handling of its result. */
export function addCommand(
  cli: Cli,
  parent: Command,
  spec: { name: string; summary: string; description?: string; examples: string[] },
): Command & { handle: Handle } {
  const command = parent
    .command(spec.name)
    .summary(spec.summary)
    .description(spec.description ?? `${spec.summary}.`)
    .option('--home <dir>', 'home folder (default: UNICODE_WORKBENCH_HOME, or the user’s data folder)')
    .option('--json', 'print the result as one JSON document')
    .addHelpText(
      'after',
      `\nExample${spec.examples.length > 1 ? 's' : ''}:\n${spec.examples.map((line) => `  $ ${PROGRAM} ${line}`).join('\n')}`,
    )
  const handle: Handle = (run) =>
    command.action(async (...inputs: unknown[]) => {
      // Commander appends the options and the command itself to the arguments.
      const options = inputs.at(-2) as CommonOptions
      const { document, text, exitCode } = await run(...(inputs.slice(0, -1) as never))
      result(cli.terminal, options.json, document, text)
      cli.exitCode = exitCode ?? exitCodes.done
    })
  return Object.assign(command, { handle })
}
/** Sets what a command does with its arguments and options. */
type Handle = <Inputs extends unknown[]>(run: (...inputs: Inputs) => Promise<CommandResult> | CommandResult) => Command

/** Runs something over an open home and gives the home free, however it ends. */
export async function withWorkbench<T>(
  cli: Cli,
  options: CommonOptions & { concurrency?: number },
  use: (workbench: Workbench) => Promise<T>,
): Promise<T> {
  const workbench = await cli.openWorkbench(homeOf(cli, options), options.concurrency)
  try {
    return await use(workbench)
  } finally {
    await workbench.close()
  }
}

export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`Wanted a whole number of at least ${least}.`)
    return value
  }
}

/** "0,1,2" */
export function seedList(text: string): number[] {
  const seeds = text.split(',').map((seed) => (/^\s*\d+\s*$/.test(seed) ? Number(seed) : Number.NaN))
  if (seeds.some((seed) => !Number.isSafeInteger(seed)))
    throw new InvalidArgumentError('Wanted whole numbers with commas between them, such as 0,1,2.')
  if (new Set(seeds).size < seeds.length) throw new InvalidArgumentError('A seed is listed twice.')
  return seeds
}

const collect = (text: string, earlier: string[] = []): string[] => [...earlier, text]

/** The options that change a run. */
export function addRunChanges(command: Command): void {
  command
    .option('--set <path=value>', 'change a setting, such as codebook.interval=10 (repeatable)', collect)
    .option('--max-steps <n>', 'train at most so many steps a run', wholeNumber(1))
    .option('--concurrency <n>', 'runs that go at once', wholeNumber(1))
}

/** The options that change an experiment. */
export function addExperimentOptions(command: Command): void {
  addRunChanges(command)
  command.option('--seeds <list>', 'seeds, such as 0,1', seedList)
}

export interface ExperimentOptions extends CommonOptions {
  set?: string[]
  maxSteps?: number
  seeds?: number[]
  concurrency?: number
}

export const overridesOf = ({ set = [], maxSteps, seeds }: ExperimentOptions) => ({ set, maxSteps, seeds })
