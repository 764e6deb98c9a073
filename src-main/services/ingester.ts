import { statSync } from 'node:fs'
import { readEvents } from '../jobs/events-file.ts'
import { runFiles } from '../jobs/run-directory.ts'
import { runPath } from '../jobs/run-id.ts'
import type { Ingestion } from '../store/ingestion.ts'
import type { AppLog } from './app-log.ts'

/** Follows the events of run directories into the database. */
export interface Ingester {
  /** Takes in whatever a run has written since. @returns whether there was anything */
  catchUp(runId: string): boolean
  /** Looks at these runs from now on, four times a second. */
  follow(runId: string): void
  unfollow(runId: string): void
  close(): void
}

const LOOK_EVERY_MS = 250
/** One transaction holds so much of a file at most, so that the window's requests get their turn in between. */
const BATCH_BYTES = 1 << 20

/**
 * A size is asked for rather than watched: it is one system call a run, and unlike notifications it also works on the
 * network file systems of clusters.
 */
export function createIngester(
  runsFolder: string,
  ingestion: Ingestion,
  onNews: (runId: string) => void,
  log: AppLog,
): Ingester {
  const followed = new Set<string>()
  const reported = new Map<string, string>()

  /** Takes in one batch. @returns whether there may be more */
  function takeBatch(runId: string): boolean {
    const path = runFiles(runPath(runsFolder, runId)).events
    const size = statSync(path, { throwIfNoEntry: false })?.size
    if (size === undefined) return false
    // A shorter file than was read is not the one that was read (restored from a backup, cut off as damaged).
    if (size < ingestion.offset(runId)) ingestion.forget(runId)
    const from = ingestion.offset(runId)
    if (size === from) return false
    const read = readEvents(path, { from, maxBytes: BATCH_BYTES })
    for (const { offset, reason } of read.damaged)
      log(`run ${runId}: events.ndjson, byte ${offset}: ${reason}; skipped`)
    if (read.offset === from) return false
    ingestion.take(runId, read.events, read.offset)
    return true
  }

  /** One run's trouble (a directory that was taken away, a full disk) must not keep the others waiting. */
  function catchUp(runId: string): boolean {
    let news = false
    try {
      while (takeBatch(runId)) news = true
      reported.delete(runId)
    } catch (error) {
      const message = `run ${runId}: its events cannot be taken in: ${(error as Error).message}`
      if (reported.get(runId) !== message) log(message)
      reported.set(runId, message)
    }
    if (news) onNews(runId)
    return news
  }

  const timer = setInterval(() => {
    for (const runId of followed) catchUp(runId)
  }, LOOK_EVERY_MS)
  timer.unref()

  return {
    catchUp,
    follow: (runId) => followed.add(runId),
    unfollow: (runId) => followed.delete(runId),
    close: () => clearInterval(timer),
  }
}
