import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { writeJsonAtomic } from '../jobs/atomic-file.ts'
import { processIdentity, processIdentitySchema } from '../jobs/process-identity.ts'

/** The folder that holds everything of one user; one app at a time has it. */
export interface Home {
  directory: string
  runs: string
  /** What was scored on request: answers to benchmarks, and pictures. */
  evaluations: string
  cache: string
  database: string
  log: string
  /** What the process of a trained model said last. */
  modelLog: string
  /** Output of the process that measures. */
  measuringLog: string
  close(): void
}

export class HomeError extends Error {
  override name = 'HomeError'
}

/**
 * Makes the folder if needed, readable by its owner alone, and takes it for this process.
 * The lock is one of the operating system (by way of SQLite), so it ends with its process however that dies.
 * @throws HomeError if another app has the home (it says which), or if the folder cannot be written
 */
export function openHome(directory: string): Home {
  const home = {
    directory,
    runs: join(directory, 'runs'),
    evaluations: join(directory, 'evaluations'),
    cache: join(directory, 'cache'),
    database: join(directory, 'workbench.sqlite'),
    log: join(directory, 'app.log'),
    modelLog: join(directory, 'model.log'),
    measuringLog: join(directory, 'measuring.log'),
  }
  try {
    for (const folder of [home.runs, home.evaluations, home.cache]) mkdirSync(folder, { recursive: true, mode: 0o700 })
    chmodSync(directory, 0o700)
  } catch (cause) {
    throw new HomeError(
      `the home folder ${directory} cannot be used: ${(cause as Error).message}; choose another with --home`,
      { cause },
    )
  }
  const release = takeLock(directory)
  return { ...home, close: release }
}

function takeLock(directory: string): () => void {
  const lock = join(directory, 'lock')
  const holder = join(directory, 'lock.json')
  const connection = new SQLite(lock, { timeout: 0 })
  try {
    connection.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    connection.close()
    if ((cause as { code?: unknown }).code !== 'SQLITE_BUSY')
      throw new HomeError(`the home folder ${directory} cannot be locked: ${(cause as Error).message}`, { cause })
    throw new HomeError(
      `the home folder ${directory} is in use by ${holderOf(holder)}; use that window, end that app, or choose another folder with --home`,
    )
  }
  writeJsonAtomic(holder, processIdentity())
  return () => connection.close()
}

function holderOf(path: string): string {
  try {
    const { pid, host } = processIdentitySchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    return `process ${pid} on ${host}`
  } catch {
    // The holder has taken the lock and not yet written its name.
    return 'another app'
  }
}
