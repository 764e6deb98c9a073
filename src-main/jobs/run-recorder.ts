import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { KEPT_SYNCS, type NewRunEvent, syncFileName } from '../../src-shared/events.ts'
import { answersFileName } from '../../src-shared/held-out-answers.ts'
import { encodeSafetensors } from '../../src-shared/safetensors.ts'
import type { Recorder } from '../training/recorder.ts'
import { writeFileAtomic, writeJsonAtomic } from './atomic-file.ts'
import {
  type LoadedCheckpoint,
  readLatestCheckpoint,
  removeOldCheckpoints,
  stepFileName,
  writeCheckpoint,
} from './checkpoints.ts'
import { openEventsWriter } from './events-file.ts'
import { isAlive, processIdentity } from './process-identity.ts'
import { readRunProcess, runFiles } from './run-directory.ts'

/** The one writer of a run directory while its process lives. */
export interface RunRecorder extends Recorder {
  /** Number of the next attempt, from 1. */
  nextAttempt(): number
  /**
   * The newest checkpoint that can be read, or null before the first; damaged ones are passed over with a warning.
   * @throws Error if there are checkpoints and none can be read
   */
  latestCheckpoint(): LoadedCheckpoint | null
  /** Gives the directory free for the next writer. */
  close(): void
}

/**
 * Takes a run directory for writing.
 * @throws Error if another living process has it, or it is not a run directory
 */
export function openRunRecorder(directory: string): RunRecorder {
  const files = runFiles(directory)
  if (!existsSync(files.config)) throw new Error(`${directory} is not a run directory: it has no config.json`)
  const other = readRunProcess(directory)
  if (other && other.pid !== process.pid && isAlive(other))
    throw new Error(
      `process ${other.pid} on ${other.host} is training the run in ${directory}; wait for it, or remove ${files.process} if it is gone`,
    )
  writeJsonAtomic(files.process, processIdentity())
  mkdirSync(files.checkpoints, { recursive: true })
  mkdirSync(files.samples, { recursive: true })
  mkdirSync(files.syncs, { recursive: true })
  const writer = openEventsWriter(files.events)
  const reportedNonFinite = new Set<string>()

  const event = (event: NewRunEvent): void => {
    if (event.kind !== 'metrics') return void writer.append(event)
    const finite = Object.entries(event.values).filter(([, value]) => Number.isFinite(value))
    if (finite.length > 0 || Object.keys(event.values).length === 0)
      writer.append({ ...event, values: Object.fromEntries(finite) })
    // JSON has no NaN. What is not a number is told as an alarm instead, once per metric and attempt.
    for (const [name, value] of Object.entries(event.values)) {
      if (Number.isFinite(value) || reportedNonFinite.has(name)) continue
      reportedNonFinite.add(name)
      writer.append({
        kind: 'alarm',
        step: event.step,
        name: 'not-a-number',
        message: `${name} became ${value} at step ${event.step}; its curve ends there.`,
        remedy: 'Lower optimizer.learningRate or set optimizer.gradientClip, and start from a clone.',
      })
    }
  }

  return {
    event,
    sample(step, tensors, metadata) {
      writeFileAtomic(join(files.samples, stepFileName(step)), encodeSafetensors(tensors, metadata))
      writer.append({ kind: 'sample', step, file: stepFileName(step) })
    },
    painting(step, tensors, metadata) {
      mkdirSync(files.paintings, { recursive: true })
      writeFileAtomic(join(files.paintings, stepFileName(step)), encodeSafetensors(tensors, metadata))
      writer.append({ kind: 'painting', step, file: stepFileName(step) })
    },
    answers(step, answers) {
      mkdirSync(files.answers, { recursive: true })
      writeJsonAtomic(join(files.answers, answersFileName(step)), answers)
      writer.append({ kind: 'answers', step, file: answersFileName(step) })
    },
    sync(step, tensors) {
      writeFileAtomic(join(files.syncs, syncFileName(step)), encodeSafetensors(tensors))
      thinSyncs(files.syncs)
    },
    checkpoint(step, tensors, metadata) {
      const file = writeCheckpoint(files.checkpoints, step, tensors, metadata)
      // A checkpoint outlives a power cut, so the events before it must as well.
      writer.append({ kind: 'checkpoint', step, file })
      writer.sync()
      removeOldCheckpoints(files.checkpoints, step)
    },
    nextAttempt: () => writer.attempts() + 1,
    latestCheckpoint: () =>
      readLatestCheckpoint(files.checkpoints, (message) => writer.append({ kind: 'log', level: 'warning', message })),
    codes: (ids) => writeFileAtomic(files.codes, `${JSON.stringify([...ids])}\n`),
    tokens: (tokens) => writeJsonAtomic(files.tokens, tokens),
    close() {
      writer.close()
      rmSync(files.process, { force: true })
    },
  }
}

/** Of too many sync files every second one goes, the newest stays: the older, the farther apart. */
function thinSyncs(folder: string): void {
  const kept = readdirSync(folder)
    .filter((name) => /^sync-\d{8}\.safetensors$/.test(name))
    .sort()
  if (kept.length <= KEPT_SYNCS) return
  for (const [at, name] of kept.toReversed().entries()) if (at % 2 === 1) rmSync(join(folder, name), { force: true })
}
