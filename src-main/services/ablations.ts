import { existsSync } from 'node:fs'
import { expandPlan } from '../../src-shared/ablation-plan.ts'
import type { AblationDetail, AblationSummary, Factor } from '../../src-shared/contract/ablations.ts'
import type { Preset } from '../../src-shared/contract/presets.ts'
import type { RunSummary } from '../../src-shared/contract/runs.ts'
import { resultMetrics } from '../../src-shared/metrics.ts'
import { tasksOf } from '../../src-shared/multimodal-metrics.ts'
import { commonCards } from '../../src-shared/provenance.ts'
import { writeJsonAtomic } from '../jobs/atomic-file.ts'
import { readRunOrigin, runFiles } from '../jobs/run-directory.ts'
import { newRunId, runPath } from '../jobs/run-id.ts'
import type { NewRun } from '../store/runs-store.ts'
import type { AblationRow } from '../store/tables.ts'
import { ablationResults } from './ablation-results.ts'
import type { Context } from './context.ts'
import { conflict, notFound, withConfigProblems } from './errors.ts'
import { queueNewRuns } from './queue-runs.ts'

export type AblationsService = ReturnType<typeof createAblationsService>

export interface AblationInput {
  name: string
  baseline: unknown
  factors: Factor[]
  seeds: number[]
}

/** Everything that concerns ablations. Every method throws the contract's errors. */
export function createAblationsService(context: Context, presets: () => Preset[]) {
  const { runs, ablations, scheduler, changes } = context

  const rowOf = (id: string): AblationRow => {
    const row = ablations.row(id)
    if (!row) throw notFound(`there is no ablation ${id}`, 'It may have been removed; reload the list.')
    return row
  }
  const summaryOf = (row: AblationRow, cells: readonly RunSummary[]): AblationSummary => ({
    id: row.id,
    name: row.name,
    createdAt: row.createdAt,
    runCount: cells.length,
    finished: cells.filter(({ state }) => state === 'finished').length,
    failed: cells.filter(({ state }) => state === 'failed' || state === 'interrupted').length,
    running: cells.filter(({ state }) => state === 'running').length,
    secondsLeft: secondsLeft(cells, scheduler.concurrency()),
  })
  const cellsOf = (id: string): RunSummary[] => {
    const ids = runs.ofAblation(id).map((row) => row.id)
    return ids.length > 0 ? runs.summaries(ids) : []
  }

  /** Expands the plan, stores everything at once and queues the first seed of every arm before the second. */
  const create = (plan: AblationInput): { id: string; runIds: string[] } => {
    const { baseline, arms } = withConfigProblems(() => expandPlan(plan))
    const createdAt = Date.now()
    const ablation = { id: newRunId(), name: plan.name, createdAt, baseline, factors: plan.factors, seeds: plan.seeds }
    const ids = Array.from({ length: arms.length * plan.seeds.length }, () => newRunId()).sort()
    const newRuns = plan.seeds.flatMap((_, seedIndex) =>
      arms.map((arm, armIndex): NewRun => {
        const config = arm.configs[seedIndex]
        const id = ids[seedIndex * arms.length + armIndex]
        if (!config || !id) throw new Error(`arm ${arm.label} has no config for seed ${plan.seeds[seedIndex]}`)
        const cell = { ablationId: ablation.id, armIndex, armLabel: arm.label, armSettings: arm.settings }
        return { id, config, createdAt, parentId: null, cell }
      }),
    )
    queueNewRuns(context, newRuns, ablation)
    return { id: ablation.id, runIds: ids }
  }

  return {
    list: (): AblationSummary[] => ablations.rows().map((row) => summaryOf(row, cellsOf(row.id))),
    get(id: string): AblationDetail {
      const row = rowOf(id)
      const cells = cellsOf(id)
      const rows = runs.ofAblation(id)
      const configs = rows.map(({ config }) => config)
      const possible = resultMetrics(Math.max(1, ...configs.map(({ tokenizer }) => tokenizer.layers)), {
        tasks: tasksOf(configs),
        prior: configs.some(({ prior }) => prior.steps > 0),
      })
      const results = ablationResults(rows, cells, row.baseline, possible)
      // What no run measures (a distance that wants more pictures than there are) is no column; before the first number all are.
      const measured = possible.filter((name) => results.some((arm) => (arm.cells[name]?.n ?? 0) > 0))
      return {
        ...summaryOf(row, cells),
        factors: row.factors,
        seeds: row.seeds,
        baseline: row.baseline,
        arms: results,
        metrics: measured.length > 0 ? measured : possible,
        provenance: commonCards(
          rows.map((row) => runs.provenance(row.id)).filter((cards) => Object.keys(cards).length > 0),
        ),
        runs: cells,
      }
    },
    create,
    quick(): { id: string; runIds: string[] } {
      const preset = presets().find(({ id }) => id === 'quick')
      if (!preset)
        throw notFound(
          'there is no preset "quick"',
          'The file resources/presets/quick.json is missing; reinstall the app.',
        )
      return create({ name: preset.title, baseline: preset.baseline, factors: preset.factors, seeds: preset.seeds })
    },
    stop(id: string): { stopped: number } {
      rowOf(id)
      const cells = cellsOf(id).filter(({ state }) => state === 'running' || state === 'queued')
      let stopped = 0
      for (const cell of cells) {
        const state = scheduler.stop(cell.id) ?? (cell.state === 'queued' ? 'stopped' : null)
        if (state === null) continue
        stopped += 1
        if (state === 'stopped') runs.setState(cell.id, 'stopped', 'Stopped before it started.')
        changes.emit({ topic: 'run', id: cell.id })
      }
      changes.emit({ topic: 'ablation', id })
      changes.emit({ topic: 'status' })
      return { stopped }
    },
    /** Forgets the ablation. Its runs stay, as runs of their own. */
    remove(id: string): { removed: true } {
      rowOf(id)
      const busy = cellsOf(id).filter(({ state }) => state === 'running' || state === 'queued').length
      if (busy > 0)
        throw conflict(`${busy} runs of the ablation ${id} are running or queued`, 'Stop the ablation first.')
      for (const { id: runId } of runs.ofAblation(id)) forgetAblation(runPath(context.home.runs, runId))
      ablations.remove(id)
      changes.emit({ topic: 'ablation', id })
      return { removed: true }
    },
  }
}

/** Takes the ablation out of run.json, so that a database rebuilt from the directories agrees. */
function forgetAblation(directory: string): void {
  const origin = existsSync(directory) ? readRunOrigin(directory) : null
  if (origin) writeJsonAtomic(runFiles(directory).origin, { ...origin, ablation: null })
}

/** Time until the last cell is done, from the pace of those that run now; null while none has a pace. */
function secondsLeft(cells: readonly RunSummary[], concurrency: number): number | null {
  const paced = cells.filter((cell) => cell.secondsLeft !== null && cell.steps > cell.step)
  if (paced.length === 0) return null
  const perStep =
    paced.reduce((sum, cell) => sum + (cell.secondsLeft as number) / (cell.steps - cell.step), 0) / paced.length
  const open = cells.filter(({ state }) => state === 'running' || state === 'queued')
  const work = open.map((cell) => perStep * Math.max(0, cell.steps - cell.step))
  return Math.max(...work, work.reduce((sum, seconds) => sum + seconds, 0) / concurrency)
}
