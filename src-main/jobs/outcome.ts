import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import type { RunState } from '../../src-shared/events.ts'
import { writeJsonAtomic } from './atomic-file.ts'
import { lastEvent } from './events-file.ts'
import type { JobExit } from './executor.ts'
import { type RunExit, readRunExit, runFiles } from './run-directory.ts'

/** State of a run whose process is gone. */
export interface Outcome {
  state: RunState
  reason: string
}

/** What a run without a process is, read from its directory alone. */
export function outcomeOf(directory: string): Outcome {
  const last = lastEvent(runFiles(directory).events)
  const exit = readRunExit(directory)
  if (exit && exit.seq === (last?.seq ?? 0)) return { state: exit.state, reason: exit.reason }
  if (last?.kind === 'ended') return { state: last.state, reason: last.reason }
  if (!last) return { state: 'interrupted', reason: 'It has not started yet; resume it to start.' }
  return { state: 'interrupted', reason: 'Its process died while nobody watched; resume it to go on.' }
}

/** seq of the last event, 0 before the first. */
export const lastSeq = (directory: string): number => lastEvent(runFiles(directory).events)?.seq ?? 0

/**
 * The outcome of a process that has just ended. If it did not say so itself, what the app saw is noted in exit.json.
 * @param seqBefore `lastSeq` before the process was started
 * @param killed the app itself ended it, because it did not answer a request to stop
 */
export function recordExit(directory: string, exit: JobExit, seqBefore: number, killed: boolean): Outcome {
  const files = runFiles(directory)
  const last = lastEvent(files.events)
  if (last?.kind === 'ended' && last.seq > seqBefore) return { state: last.state, reason: last.reason }
  const note: RunExit = {
    seq: last?.seq ?? 0,
    time: Date.now(),
    state: killed ? 'stopped' : 'interrupted',
    reason: killed
      ? 'Its process did not answer the request to stop and was ended; it can resume from its last checkpoint.'
      : exitReason(exit, tailOf(files.stderr, 4000)),
  }
  writeJsonAtomic(files.exit, note)
  return { state: note.state, reason: note.reason }
}

/** Last words of native code and of V8, which end the process where they cannot get memory. */
const withoutMemory = /std::bad_alloc|heap out of memory|Fatal process out of memory|Allocation failed/

function exitReason({ code, signal, spawnError }: JobExit, stderr: string): string {
  if (spawnError) return `Its process could not be started: ${spawnError}`
  if (signal !== 'SIGKILL' && withoutMemory.test(stderr))
    return 'Its process had no memory left and was ended. Use a smaller training.batchSize in a clone, or close other programs and resume it from its last checkpoint.'
  const lastLine = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^\w*Error\b|^\w+:/.test(line))
    .at(-1)
  const said = lastLine ? ` It last said: ${lastLine}` : ''
  if (code === null && signal === null) return `Its process ended before this app could see how.${said}`
  if (signal === 'SIGKILL') return `Its process was killed (SIGKILL): out of memory, or by hand.${said}`
  if (signal) return `Its process was ended by signal ${signal}.${said}`
  return `Its process ended with exit code ${code} before it could say why.${said}`
}

/** The last bytes of a text file, from the beginning of a line; '' if there is none. */
export function tailOf(path: string, bytes: number): string {
  if (!existsSync(path)) return ''
  const file = openSync(path, 'r')
  try {
    const size = fstatSync(file).size
    const buffer = Buffer.alloc(Math.min(size, bytes))
    readSync(file, buffer, 0, buffer.length, size - buffer.length)
    const text = buffer.toString('utf8')
    return size > bytes ? text.slice(text.indexOf('\n') + 1) : text
  } finally {
    closeSync(file)
  }
}
