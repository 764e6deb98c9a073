import { requestOf } from '../jobs/control.ts'
import { lastEvent } from '../jobs/events-file.ts'
import { type Outcome, outcomeOf } from '../jobs/outcome.ts'
import { isAlive } from '../jobs/process-identity.ts'
import { readRunProcess, runFiles } from '../jobs/run-directory.ts'

const LOOK_EVERY_MS = 200
/** A step of a large model and its checkpoint may take their time. */
const PATIENCE_MS = 120_000
const START_PATIENCE_MS = 10_000

/** Whether a process trains in a run directory at this moment, whoever started it. */
export function isTraining(directory: string): boolean {
  const identity = readRunProcess(directory)
  return identity !== null && isAlive(identity) && lastEvent(runFiles(directory).events)?.kind !== 'ended'
}

/** Waits for the process of a run that is about to start. @returns false if none has begun in that time, ms */
export async function beginsTraining(directory: string, patience = START_PATIENCE_MS): Promise<boolean> {
  for (const until = Date.now() + patience; Date.now() < until; ) {
    if (isTraining(directory)) return true
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  return false
}

/**
 * Asks the process that trains in a directory to write a checkpoint and end, and waits until it has. Goes through the
 * directory, so it also works while an app has the home.
 * @throws Error if it has not ended within two minutes; the request then still stands
 */
export async function askToEnd(directory: string, request: 'pause' | 'stop', patience = PATIENCE_MS): Promise<Outcome> {
  requestOf(directory, request)
  for (const until = Date.now() + patience; Date.now() < until; ) {
    if (!isTraining(directory)) return outcomeOf(directory)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  throw new Error(
    `${directory}: asked to ${request}, but it still trains after ${patience / 1000} s; it will ${request} after its step`,
  )
}
