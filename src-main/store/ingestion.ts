import type SQLite from 'better-sqlite3'
import type { RunEvent } from '../../src-shared/events.ts'
import type { Database } from './database.ts'
import { secondsPerStep } from './runs-store.ts'

/** What the run's row keeps of its events; `null`: not yet. */
interface Progress {
  key: number
  first_time: number | null
  ingested_seq: number
  started_at: number | null
  ended_at: number | null
  attempts: number
  step: number
  pace_step: number | null
  pace_time: number | null
  last_step: number | null
  last_time: number | null
  first_pace: number | null
  /** Steps of Stage I, by the run's config. */
  first_steps: number
}

export interface Ingestion {
  /** How far the run's events.ndjson has been taken in, bytes. */
  offset(runId: string): number
  /**
   * Takes in events of a run in one transaction, and notes how far its file has been read.
   * Idempotent: events whose seq is known are skipped. Of several values of one metric at one step (a resumed run
   * computes some steps again), the later event's stays.
   * @returns the number of events that were new
   */
  take(runId: string, events: readonly RunEvent[], offset: number): number
  /** Forgets everything taken in from the run's events, to read them anew. */
  forget(runId: string): void
}

/** Prepares the statements that write a run's events into the database. */
export function createIngestion(database: Database): Ingestion {
  const { sqlite } = database
  const select = sqlite.prepare<[string], Progress & { ingested_bytes: number }>(
    "SELECT *, config ->> '$.training.steps' AS first_steps FROM runs WHERE id = ?",
  )
  const names = metricNameIds(sqlite)
  const putMetric = sqlite.prepare(
    'INSERT INTO metrics VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, elapsed = excluded.elapsed',
  )
  const putLatest = sqlite.prepare(
    `INSERT INTO latest_metrics VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET step = excluded.step, value = excluded.value WHERE excluded.step >= step`,
  )
  const putEvent = sqlite.prepare('INSERT INTO events VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const putProgress = sqlite.prepare(
    `UPDATE runs SET first_time = @first_time, ingested_seq = @ingested_seq, ingested_bytes = @offset,
       started_at = @started_at, ended_at = @ended_at, attempts = @attempts, step = @step, pace_step = @pace_step,
       pace_time = @pace_time, last_step = @last_step, last_time = @last_time, first_pace = @first_pace WHERE key = @key`,
  )

  const rowOf = (runId: string) => {
    const row = select.get(runId)
    if (!row) throw new Error(`run ${runId} is not in the database`)
    return row
  }

  const store = (progress: Progress, event: RunEvent): void => {
    if (event.kind !== 'metrics') {
      putEvent.run(progress.key, event.seq, event.kind, JSON.stringify(event))
      return
    }
    const elapsed = event.time - (progress.first_time ?? event.time)
    for (const [name, value] of Object.entries(event.values)) {
      putMetric.run(progress.key, names(name), event.step, value, elapsed)
      putLatest.run(progress.key, names(name), event.step, value)
    }
  }

  const take = sqlite.transaction((runId: string, events: readonly RunEvent[], offset: number): number => {
    const progress = rowOf(runId)
    const before = progress.ingested_seq
    let taken = 0
    for (const event of events) {
      if (event.seq <= before) continue
      taken += 1
      advance(progress, event)
      store(progress, event)
    }
    putProgress.run({ ...progress, offset: Math.max(offset, progress.ingested_bytes) })
    return taken
  })

  const forget = sqlite.transaction((runId: string) => {
    const { key } = rowOf(runId)
    for (const table of ['metrics', 'latest_metrics', 'events'])
      sqlite.prepare(`DELETE FROM ${table} WHERE run_key = ?`).run(key)
    sqlite
      .prepare(
        `UPDATE runs SET first_time = NULL, ingested_seq = 0, ingested_bytes = 0, started_at = NULL, ended_at = NULL,
           attempts = 0, step = 0, pace_step = NULL, pace_time = NULL, last_step = NULL, last_time = NULL, first_pace = NULL
         WHERE key = ?`,
      )
      .run(key)
  })

  return {
    offset: (runId) => rowOf(runId).ingested_bytes,
    take: (...input) => take(...input),
    forget: (id) => forget(id),
  }
}

/** Moves a run's row on by one event. */
function advance(progress: Progress, event: RunEvent): void {
  progress.ingested_seq = Math.max(progress.ingested_seq, event.seq)
  progress.first_time ??= event.time
  const advanced = 'step' in event && event.step > progress.step
  if ('step' in event) progress.step = event.step
  if (event.kind === 'started') {
    progress.attempts = Math.max(progress.attempts, event.attempt)
    progress.started_at ??= event.time
    progress.ended_at = null
    progress.pace_step = null
    progress.pace_time = null
  } else if (event.kind === 'ended') progress.ended_at = event.time
  else if (event.kind === 'metrics') {
    if (event.step > progress.first_steps && (progress.last_step ?? 0) <= progress.first_steps) {
      progress.first_pace = secondsPerStep(paceOf(progress)) ?? progress.first_pace
      progress.pace_step = null
    }
    // What comes before the first step of an attempt or stage (compiling, an evaluation) says nothing about the next ones.
    if (progress.pace_step === null && advanced) {
      progress.pace_step = event.step
      progress.pace_time = event.time
    }
    progress.last_step = event.step
    progress.last_time = event.time
  }
}

const paceOf = (progress: Progress) => ({
  paceStep: progress.pace_step,
  paceTime: progress.pace_time,
  lastStep: progress.last_step,
  lastTime: progress.last_time,
})

/** Ids of metric names, made as names come. */
function metricNameIds(sqlite: SQLite.Database): (name: string) => number {
  const put = sqlite.prepare<[string], number>(
    'INSERT INTO metric_names (name) VALUES (?) ON CONFLICT DO UPDATE SET name = name RETURNING id',
  )
  const known = new Map<string, number>()
  return (name) => {
    const id = known.get(name) ?? (put.pluck().get(name) as number)
    known.set(name, id)
    return id
  }
}
