import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { StatisticsShelf } from '../../evaluation/images/reference-features.ts'
import { writeFileAtomic } from '../atomic-file.ts'

/** Statistics of references that are kept; the ones unused for longest go. */
const KEPT = 16
const ENDING = '.npz'

/** Keeps statistics as .npz files of a folder, which other tools can read as well. */
export function statisticsShelf(folder: string): StatisticsShelf {
  const fileOf = (key: string) => join(folder, key + ENDING)
  return {
    read(key) {
      try {
        const bytes = readFileSync(fileOf(key))
        const now = new Date()
        utimesSync(fileOf(key), now, now)
        return bytes
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    },
    write(key, parts) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeFileAtomic(fileOf(key), parts)
      forgetOldest(folder)
    },
  }
}

function forgetOldest(folder: string): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => join(folder, name))
  const age = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
  for (const path of files.toSorted((a, b) => age(b) - age(a)).slice(KEPT)) rmSync(path, { force: true })
}
