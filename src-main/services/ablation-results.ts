import { differingPaths } from '../../src-shared/ablation-plan.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { AblationDetail, Cell } from '../../src-shared/contract/ablations.ts'
import type { RunSummary } from '../../src-shared/contract/runs.ts'
import { metricDefinition } from '../../src-shared/metrics.ts'
import { mean, sampleStd, welchInterval } from '../../src-shared/statistics.ts'
import type { RunRow } from '../store/tables.ts'

type ArmResult = AblationDetail['arms'][number]

/** A run as far as its place in the table goes. */
export type ArmRun = Pick<RunRow, 'id' | 'seed' | 'state' | 'config' | 'armIndex' | 'armLabel' | 'armSettings'>

/**
 * The result table: arm × metric, over the seeds' latest values. Runs that failed, were stopped or interrupted do not
 * count, since their latest value belongs to an earlier step; runs that still train count with what they have.
 */
export function ablationResults(
  rows: readonly ArmRun[],
  summaries: readonly RunSummary[],
  baseline: ExperimentConfig,
  metrics: readonly string[],
): ArmResult[] {
  const byId = new Map(summaries.map((summary) => [summary.id, summary]))
  const groups = Map.groupBy(rows, (row) => row.armIndex ?? 0)
  const arms = [...groups.keys()]
    .sort((a, b) => a - b)
    .map((index): ArmResult => {
      const members = groups.get(index) as ArmRun[]
      const first = members[0] as ArmRun
      return {
        label: first.armLabel ?? '',
        settings: first.armSettings ?? {},
        isBaseline: differingPaths(first.config, baseline).every((path) => path === 'seed' || path === 'name'),
        runIds: members.map((row) => row.id),
        cells: Object.fromEntries(metrics.map((name) => [name, cellOf(members, byId, name)])),
      }
    })
  for (const name of metrics) markColumn(arms, name)
  return arms
}

function cellOf(members: readonly ArmRun[], byId: ReadonlyMap<string, RunSummary>, name: string): Cell {
  const values = members.flatMap(({ id, seed, state }) => {
    const value = byId.get(id)?.latest[name]
    const counts = state === 'running' || state === 'paused' || state === 'finished' || state === 'queued'
    return counts && value !== undefined ? [{ runId: id, seed, value }] : []
  })
  const numbers = values.map(({ value }) => value)
  return {
    n: numbers.length,
    mean: numbers.length > 0 ? mean(numbers) : null,
    std: numbers.length > 1 ? sampleStd(numbers) : null,
    best: false,
    difference: null,
    values,
  }
}

/** Marks the best cells of one column and their differences from the baseline arm. */
function markColumn(arms: readonly ArmResult[], name: string): void {
  const cells = arms.flatMap((arm) => arm.cells[name] ?? [])
  const means = cells.flatMap((cell) => cell.mean ?? [])
  const better = metricDefinition(name)?.better ?? 'none'
  if (means.length > 1 && better !== 'none') {
    const best = better === 'lower' ? Math.min(...means) : Math.max(...means)
    for (const cell of cells) cell.best = cell.mean === best
  }
  const baseline = arms.find((arm) => arm.isBaseline)?.cells[name]
  if (!baseline || baseline.mean === null) return
  for (const cell of cells) {
    if (cell === baseline || cell.mean === null) continue
    const interval = welchInterval(numbersOf(cell), numbersOf(baseline))
    cell.difference = {
      mean: cell.mean - baseline.mean,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
    }
  }
}

const numbersOf = (cell: Cell): number[] => cell.values.map(({ value }) => value)
