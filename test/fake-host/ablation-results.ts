import { configValue } from '../../src-shared/config-paths.ts'
import type { AblationDetail, AblationSummary, Cell } from '../../src-shared/contract/ablations.ts'
import { metricDefinition, resultMetrics } from '../../src-shared/metrics.ts'
import { provenanceOf } from './provenance.ts'
import { arms, type FakeAblation, host, runs, summary } from './runs.ts'

export const runsOf = (ablation: FakeAblation) => [...runs.values()].filter((run) => run.ablationId === ablation.id)

export function ablationSummary(ablation: FakeAblation): AblationSummary {
  const mine = runsOf(ablation).map(summary)
  const count = (...states: string[]) => mine.filter((run) => states.includes(run.state)).length
  const left = mine.filter((run) => run.state === 'running' || run.state === 'queued')
  return {
    id: ablation.id,
    name: ablation.name,
    createdAt: ablation.createdAt,
    runCount: mine.length,
    finished: count('finished'),
    failed: count('failed', 'interrupted'),
    running: count('running'),
    secondsLeft:
      left.length > 0 ? left.reduce((sum, run) => sum + (run.secondsLeft ?? 250), 0) / host.concurrency : null,
  }
}

export function ablationDetail(ablation: FakeAblation): AblationDetail {
  const mine = runsOf(ablation).map(summary)
  const metrics = resultMetrics(ablation.baseline.tokenizer.layers)
  const rows = arms(ablation.factors).map(([label, armSettings]) => ({
    label,
    settings: armSettings,
    isBaseline: Object.entries(armSettings).every(([path, value]) => configValue(ablation.baseline, path) === value),
    runIds: mine.filter((run) => run.armLabel === label).map((run) => run.id),
    cells: {} as Record<string, Cell>,
  }))
  rows.sort((a, b) => Number(b.isBaseline) - Number(a.isBaseline))
  for (const metric of metrics) {
    for (const row of rows) {
      const values = mine.flatMap((run) => {
        const counts = run.armLabel === row.label && run.state !== 'failed'
        const value = counts ? run.latest[metric] : undefined
        return value === undefined ? [] : [{ runId: run.id, seed: run.seed, value }]
      })
      const n = values.length
      const mean = n > 0 ? values.reduce((sum, { value }) => sum + value, 0) / n : null
      const std =
        n > 1 && mean !== null
          ? Math.sqrt(values.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / (n - 1))
          : null
      const base = rows[0]?.isBaseline ? rows[0].cells[metric] : undefined
      const difference = base && base.mean !== null && mean !== null ? mean - base.mean : null
      const spread = base?.std && std ? 2.8 * Math.sqrt(base.std ** 2 / base.n + std ** 2 / n) : null
      row.cells[metric] = {
        n,
        mean,
        std,
        best: false,
        difference:
          difference === null
            ? null
            : {
                mean: difference,
                low: spread === null ? null : difference - spread,
                high: spread === null ? null : difference + spread,
              },
        values,
      }
    }
    const better = metricDefinition(metric)?.better
    const cells = rows.flatMap((row) =>
      row.cells[metric]?.mean == null ? [] : [row.cells[metric] as Cell & { mean: number }],
    )
    if (better !== 'none' && cells.length > 1)
      cells.reduce((best, cell) =>
        (better === 'lower' ? cell.mean < best.mean : cell.mean > best.mean) ? cell : best,
      ).best = true
  }
  return {
    ...ablationSummary(ablation),
    factors: ablation.factors,
    seeds: ablation.seeds,
    baseline: ablation.baseline,
    arms: rows,
    metrics,
    provenance: provenanceOf(mine.length),
    runs: mine,
  }
}
