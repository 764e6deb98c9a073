import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import { metricDefinition, resultMetrics } from '../../../src-shared/metrics.ts'
import { taskNames } from '../../../src-shared/multimodal.ts'

/** A row of the table of final metrics: one metric, one value a run. */
export interface MetricRow {
  metric: string
  values: (number | null)[]
  /** Indices of the runs with the best value; empty where no direction is better or all are alike. */
  best: number[]
}

/** Latest values of the result metrics that any of the runs has. */
export function finalMetrics(runs: readonly Pick<RunSummary, 'latest'>[]): MetricRow[] {
  const layers = 1 + Math.max(-1, ...runs.flatMap(({ latest }) => Object.keys(latest).map(layerOf)))
  return resultMetrics(layers, { tasks: taskNames, prior: true })
    .map((metric): MetricRow => {
      const values = runs.map(({ latest }) => latest[metric] ?? null)
      return { metric, values, best: bestOf(metric, values) }
    })
    .filter(({ values }) => values.some((value) => value !== null))
}

function layerOf(metric: string): number {
  const match = /^usage\.codes\.(\d+)$/.exec(metric)
  return match ? Number(match[1]) : -1
}

function bestOf(metric: string, values: readonly (number | null)[]): number[] {
  const better = metricDefinition(metric)?.better
  const there = values.filter((value): value is number => value !== null && Number.isFinite(value))
  if (there.length < 2 || better === undefined || better === 'none') return []
  const best = better === 'lower' ? Math.min(...there) : Math.max(...there)
  if (there.every((value) => value === best)) return []
  return values.flatMap((value, index) => (value === best ? [index] : []))
}
