import { differingPaths } from '../../../src-shared/ablation-plan.ts'
import { configValue } from '../../../src-shared/config-paths.ts'
import type { RunDetail } from '../../../src-shared/contract/runs.ts'
import { resultMetrics } from '../../../src-shared/metrics.ts'
import { tasksOf } from '../../../src-shared/multimodal-metrics.ts'
import { ablationResults } from '../ablation-results.ts'
import type { ReportDetail } from './ablation-report.ts'

/** What makes no arm of its own: seeds are repetitions, names and threads change nothing. */
const ALIKE = ['seed', 'name', 'engine.threads']

/**
 * Runs that were trained one by one, as the arms of a report: those whose settings are the same but for the seed are one
 * arm. The first run is the baseline.
 * @param runs one at least
 */
export function runsAsArms(runs: readonly RunDetail[]): ReportDetail {
  const [first] = runs as [RunDetail]
  const baseline = first.config
  const differences = (a: RunDetail, b: RunDetail) =>
    differingPaths(a.config, b.config).filter((path) => !ALIKE.includes(path))
  const leaders: RunDetail[] = []
  for (const run of runs) if (leaders.every((leader) => differences(run, leader).length > 0)) leaders.push(run)
  const rows = runs.map((run) => {
    const armIndex = leaders.findIndex((leader) => differences(run, leader).length === 0)
    const leader = leaders[armIndex] as RunDetail
    const settings = differences(leader, first).map((path) => [path, configValue(leader.config, path)])
    // Seeds and threads apart, so that the arm of the first run is the baseline.
    const config = armIndex === 0 ? { ...baseline, name: run.name, seed: run.seed } : run.config
    return {
      ...{ id: run.id, seed: run.seed, state: run.state, config, armIndex },
      armLabel: leader.name,
      armSettings: Object.fromEntries(settings),
    }
  })
  const configs = runs.map(({ config }) => config)
  const possible = resultMetrics(Math.max(...configs.map(({ tokenizer }) => tokenizer.layers)), {
    tasks: tasksOf(configs),
    prior: configs.some(({ prior }) => prior.steps > 0),
  })
  return {
    name: leaders.map(({ name }) => name).join(' and '),
    seeds: [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b),
    baseline,
    arms: ablationResults(rows, runs, baseline, possible),
    metrics: possible,
  }
}
