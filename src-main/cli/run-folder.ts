import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { nearestName } from '../../src-shared/nearest-name.ts'
import type { TensorFile } from '../../src-shared/safetensors.ts'
import { readCheckpoint, readLatestCheckpoint, stepFileName, stepsIn } from '../jobs/checkpoints.ts'
import { readRunCodes, readRunConfig, readRunTokens, runFiles } from '../jobs/run-directory.ts'
import { isRunId, runPath } from '../jobs/run-id.ts'
import { UsageError } from './errors.ts'

/** A run as its directory tells it: readable while an app has the home, or copied from elsewhere. */
export interface RunFolder {
  directory: string
  config: ExperimentConfig
  /** Text of each code id; empty for an independent codebook. */
  tokens: string[]
  /** Token id of each code, where the codes are some of the vocabulary's rows. */
  ids: number[] | null
}

/** The folder of runs in a home. */
export const runsFolder = (home: string): string => join(home, 'runs')

/**
 * The directory of a run.
 * @param argument id of a run in the home, or path of a run directory
 * @throws UsageError naming the nearest id if there is none
 */
export function runDirectory(home: string, argument: string): string {
  if (existsSync(runFiles(argument).config)) return resolve(argument)
  const folder = runsFolder(home)
  if (isRunId(argument) && existsSync(runPath(folder, argument))) return runPath(folder, argument)
  const ids = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : []
  const near = nearestName(argument, ids)
  throw new UsageError(
    `there is no run "${argument}" in ${folder}, and no run directory of that path${near ? `; did you mean ${near}?` : ''}`,
  )
}

/** @throws UsageError, or Error saying what in the directory is damaged */
export function openRunFolder(home: string, argument: string): RunFolder {
  const directory = runDirectory(home, argument)
  return {
    directory,
    config: readRunConfig(directory),
    tokens: readRunTokens(directory) ?? [],
    ids: readRunCodes(directory),
  }
}

/**
 * A checkpoint of a run: that of `step`, or the newest that can be read.
 * @param warn told about damaged checkpoints that were passed over
 * @throws UsageError if there is none, or none of that step
 */
export function openCheckpoint(
  directory: string,
  step: number | undefined,
  warn: (message: string) => void,
): { step: number; file: TensorFile } {
  const folder = runFiles(directory).checkpoints
  const steps = stepsIn(folder)
  if (steps.length === 0)
    throw new UsageError(
      `${directory} has no checkpoint yet; it writes one every training.checkpointEvery steps, and at its end`,
    )
  if (step === undefined) {
    const latest = readLatestCheckpoint(folder, warn)
    if (latest) return latest
  }
  if (step === undefined || !steps.includes(step))
    throw new UsageError(`${directory} has no checkpoint of step ${step}; it has ${steps.join(', ')}`)
  return { step, file: readCheckpoint(join(folder, stepFileName(step))) }
}
