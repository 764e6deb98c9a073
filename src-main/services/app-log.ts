import { appendFileSync, renameSync, statSync } from 'node:fs'

/** Lines about the app itself: slow queries, directories that cannot be read, errors nobody expected. */
export type AppLog = (message: string) => void

const MOST_BYTES = 4_000_000

/** Appends to a file with the time; a file that has grown long is kept once as `.old`. */
export const createAppLog =
  (path: string): AppLog =>
  (message) => {
    const line = `${new Date().toISOString()} ${message.replaceAll('\n', '\n  ')}\n`
    try {
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MOST_BYTES) renameSync(path, `${path}.old`)
      appendFileSync(path, line, { mode: 0o600 })
    } catch {
      // A full disk takes no log; what happened is told on stderr then, and the app goes on.
      process.stderr.write(line)
    }
  }
