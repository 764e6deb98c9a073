import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { z } from 'zod'
import type { Control, Request } from '../training/recorder.ts'
import { writeJsonAtomic } from './atomic-file.ts'
import { runFiles } from './run-directory.ts'

const schema = z.object({ request: z.enum(['pause', 'stop']) })
const LOOK_EVERY_MS = 200

/** Asks a training process to write a checkpoint and end. Works through the run directory, whatever runs the process. */
export const requestOf = (directory: string, request: 'pause' | 'stop'): void =>
  writeJsonAtomic(runFiles(directory).control, { request })

/**
 * Switches the run's discriminator off, for good: unlike a request this stands until the run is removed, so that a run
 * that dies before it heard of it hears of it when it resumes.
 */
export const switchOffDiscriminator = (directory: string): void =>
  writeJsonAtomic(runFiles(directory).switches, { discriminator: 'off' })

export const isDiscriminatorOff = (directory: string): boolean => existsSync(runFiles(directory).switches)

/** Takes back what was asked, before a run is started again. */
export const clearRequest = (directory: string): void => rmSync(runFiles(directory).control, { force: true })

/** The training process's side: looks at control.json at most every 200 ms, so that asking every step costs nothing. */
export function fileControl(directory: string, now: () => number = Date.now): Control {
  const path = runFiles(directory).control
  let lookedAt = Number.NEGATIVE_INFINITY
  let request: Request = 'none'
  let discriminatorOff = false
  const look = (): void => {
    if (now() - lookedAt < LOOK_EVERY_MS) return
    lookedAt = now()
    request = statSync(path, { throwIfNoEntry: false }) ? readRequest(path) : 'none'
    discriminatorOff ||= isDiscriminatorOff(directory)
  }
  return {
    request() {
      look()
      return request
    },
    discriminatorOff() {
      look()
      return discriminatorOff
    },
  }
}

/** A control file is renamed into place whole, so one that does not parse was not written by this app: it asks nothing. */
function readRequest(path: string): Request {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8'))).request
  } catch {
    return 'none'
  }
}
