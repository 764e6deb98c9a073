import type { MetricSeries } from '../../src-shared/contract/runs.ts'
import type { Database } from './database.ts'

export interface SeriesQuery {
  runId: string
  name: string
  maxPoints: number
  fromStep?: number | undefined
  toStep?: number | undefined
}

/**
 * Points of one metric of one run. Where there are more than `maxPoints`, each of (maxPoints − 2) / 2 ranges of steps
 * gives its smallest and its largest value, so that a spike stays visible at any zoom; the first and last point stay.
 * @returns a function, so that its statements are prepared once
 */
export function createSeries({ sqlite }: Database): (query: SeriesQuery) => MetricSeries {
  const where = `run_key = (SELECT key FROM runs WHERE id = @runId)
    AND name_id = (SELECT id FROM metric_names WHERE name = @name) AND step BETWEEN @fromStep AND @toStep`
  const extent = sqlite.prepare<[object], { total: number; first: number; last: number }>(
    `SELECT count(*) AS total, min(step) AS first, max(step) AS last FROM metrics WHERE ${where}`,
  )
  const all = sqlite.prepare<[object], [number, number, number]>(
    `SELECT step, elapsed, value FROM metrics WHERE ${where} ORDER BY step`,
  )
  // In SQLite the other columns of a query with one min() or max() come from the row that has it.
  const extremes = sqlite.prepare<[object], [number, number, number]>(
    `WITH points AS (
       SELECT step, elapsed, value, CAST((step - @first) * @buckets / @span AS INTEGER) AS bucket FROM metrics WHERE ${where}
     ), chosen AS (
       SELECT step, elapsed, min(value) AS value FROM points GROUP BY bucket
       UNION SELECT step, elapsed, max(value) FROM points GROUP BY bucket
       UNION SELECT step, elapsed, value FROM points WHERE step IN (@first, @last)
     )
     SELECT step, elapsed, value FROM chosen ORDER BY step`,
  )
  return ({ runId, name, maxPoints, fromStep = 0, toStep = Number.MAX_SAFE_INTEGER }) => {
    const range = { runId, name, fromStep, toStep }
    const { total, first, last } = extent.get(range) ?? { total: 0, first: 0, last: 0 }
    const buckets = Math.max(1, Math.floor((maxPoints - 2) / 2))
    const rows =
      total <= maxPoints
        ? all.raw().all(range)
        : extremes.raw().all({ ...range, first, last, buckets, span: last - first + 1 })
    return {
      runId,
      name,
      step: rows.map((row) => row[0]),
      seconds: rows.map((row) => row[1] / 1000),
      value: rows.map((row) => row[2]),
      total,
    }
  }
}
