import { existsSync } from 'node:fs'
import { createRunDirectory, type RunOrigin } from '../jobs/run-directory.ts'
import { runPath } from '../jobs/run-id.ts'
import type { NewRun } from '../store/runs-store.ts'
import type { AblationRow } from '../store/tables.ts'
import type { Context } from './context.ts'

/** Stores new runs (all or none), makes their directories and hands them to the scheduler in order. */
export function queueNewRuns(context: Context, newRuns: readonly NewRun[], ablation?: AblationRow): void {
  context.runs.insert(newRuns, 'queued', ablation)
  for (const { id } of newRuns) {
    ensureRunDirectory(context, id)
    context.scheduler.enqueue(id)
    context.changes.emit({ topic: 'run', id })
  }
  if (ablation) context.changes.emit({ topic: 'ablation', id: ablation.id })
  context.changes.emit({ topic: 'status' })
}

/** Makes the directory of a stored run, if a death between storing and making has left it out. */
export function ensureRunDirectory({ home, runs, ablations }: Context, id: string): void {
  const directory = runPath(home.runs, id)
  const row = runs.row(id)
  if (!row || existsSync(directory)) return
  const { createdAt, parentId, ablationId, armIndex, armLabel, armSettings } = row
  const ablation = ablationId === null ? undefined : ablations.row(ablationId)
  const origin: RunOrigin = {
    createdAt,
    parentId,
    ablation: ablation
      ? { ...ablation, arm: { index: armIndex ?? 0, label: armLabel ?? '', settings: armSettings ?? {} } }
      : null,
  }
  createRunDirectory(directory, row.config, origin)
}
