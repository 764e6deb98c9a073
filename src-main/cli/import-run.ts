import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { readRunConfig, readRunOrigin, runFiles } from '../jobs/run-directory.ts'
import { isRunId, runPath } from '../jobs/run-id.ts'
import { UsageError } from './errors.ts'
import { runsFolder } from './run-folder.ts'
import { isTraining } from './run-requests.ts'

/**
 * Copies a run directory into the home, whole or not at all. An app that has the home takes it in within seconds.
 * @returns the id of the run: the name of its directory
 * @throws UsageError if it is no run directory, still trains, or the home has a run of that id
 */
export function importRunDirectory(home: string, path: string): string {
  const source = resolve(path)
  const id = basename(source)
  if (!existsSync(runFiles(source).config)) throw new UsageError(`${path} is no run directory: it has no config.json`)
  if (!isRunId(id))
    throw new UsageError(
      `${path}: the name of a run directory is its id; rename it to letters, digits, "-" and "_" only`,
    )
  checkReadable(source)
  if (isTraining(source)) throw new UsageError(`${path} still trains; pause it first`)
  const target = runPath(runsFolder(home), id)
  if (existsSync(target)) throw new UsageError(`the home has a run ${id} already; nothing is overwritten`)
  const temporary = join(runsFolder(home), `.new-${process.pid}-${id}`)
  mkdirSync(runsFolder(home), { recursive: true, mode: 0o700 })
  try {
    cpSync(source, temporary, { recursive: true, preserveTimestamps: true })
    renameSync(temporary, target)
  } catch (cause) {
    rmSync(temporary, { recursive: true, force: true })
    throw new Error(`${path} could not be copied to ${target}: ${(cause as Error).message}`, { cause })
  }
  return id
}

function checkReadable(source: string): void {
  try {
    readRunConfig(source)
    readRunOrigin(source)
  } catch (cause) {
    throw new UsageError(`${source} cannot be imported: ${(cause as Error).message}`, { cause })
  }
}
