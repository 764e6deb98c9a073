import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { syncFileName } from '../../../src-shared/events.ts'
import { decodeSafetensors } from '../../../src-shared/safetensors.ts'
import { notFound, unreadable } from '../errors.ts'

const syncFile = /^sync-(\d{8})\.safetensors$/

/** Steps of the syncs whose files are there, ascending; a run without any has none. */
export function syncSteps(folder: string): number[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .flatMap((name) => syncFile.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

/**
 * What one sync moved (events.ts, SyncLayout).
 * @throws the contract's NOT_FOUND or UNREADABLE
 */
export function readSync(folder: string, step: number): Blob {
  const path = join(folder, syncFileName(step))
  if (!existsSync(path))
    throw notFound(
      `there is no record of a sync at step ${step}`,
      'Of many syncs every second one is kept; choose another.',
    )
  try {
    const bytes = new Uint8Array(readFileSync(path))
    decodeSafetensors(bytes)
    return new Blob([bytes])
  } catch (error) {
    throw unreadable(`the sync ${path} cannot be read: ${(error as Error).message}`, 'Choose another sync.')
  }
}
