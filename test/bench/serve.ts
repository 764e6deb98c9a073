import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** What a contestant says of itself before its first step. */
export interface Ready {
  /** Name and version, and how it is set up where that matters. */
  ready: string
  /** Time from sources or weights to something that can run, ms, where there is such a thing. */
  compileMs?: number
  parameters?: number
}

/** What a contestant says of one step. */
export interface Step {
  ms: number
  /** A number computed by the step, by which contestants that should do the same work are compared. */
  value?: number
}

/** The options that the bench gives a contestant: the case's shape, and `threads`. */
export const givenOptions = <Options>(): Options => JSON.parse(process.argv[2] as string) as Options

/**
 * A contestant's side of the protocol: says that it is ready, takes a step for each line on standard input, and at its
 * end says how much memory it had at most.
 * @param peakMemory in MB: of this process, unless the work is done in others
 */
export async function serve(
  ready: Ready,
  step: () => Promise<Step>,
  { end, peakMemory = peakMemoryMB }: { end?: () => Promise<unknown>; peakMemory?: () => number | undefined } = {},
): Promise<void> {
  say(ready)
  for await (const _line of createInterface({ input: process.stdin })) say(await step())
  say({ peakMemoryMB: peakMemory() })
  await end?.()
}

const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`)

/** Milliseconds that an action takes, and its result. */
export async function timed<Result>(action: () => Promise<Result>): Promise<{ ms: number; result: Result }> {
  const began = performance.now()
  const result = await action()
  return { ms: performance.now() - began, result }
}

/** The most memory that this process has had resident. */
export function peakMemoryMB(): number {
  // Linux hands ru_maxrss down from the process that started this one; VmHWM is this program's own.
  if (process.platform === 'linux') {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    if (line) return Number(line[1]) / 1024
  }
  return process.resourceUsage().maxRSS / 1024
}
