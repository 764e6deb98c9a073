import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { parseConfig } from '../../src-shared/parse-config.ts'
import { outcomeOf } from '../jobs/outcome.ts'
import { isAlive } from '../jobs/process-identity.ts'
import { readRunConfig, readRunOrigin, readRunProcess, runFiles } from '../jobs/run-directory.ts'
import { isRunId, runPath } from '../jobs/run-id.ts'
import type { AblationRow } from '../store/tables.ts'
import type { Context } from './context.ts'
import type { Ingester } from './ingester.ts'
import { ensureRunDirectory } from './queue-runs.ts'

/**
 * Takes in run directories that the database does not know: copied from elsewhere, or all of them after the database
 * was moved away. One that cannot be read is reported once and left alone.
 * @returns the ids of the runs taken in
 */
export function importUnknownRuns(context: Context, ingester: Ingester, reported: Set<string>): string[] {
  const { home, runs, changes, log } = context
  const known = new Set(runs.ids())
  const names = readdirSync(home.runs).filter((name) => !name.startsWith('.') && !known.has(name))
  const imported: string[] = []
  for (const name of names.sort()) {
    try {
      importRun(context, ingester, name)
      imported.push(name)
      changes.emit({ topic: 'run', id: name })
    } catch (error) {
      if (reported.has(name)) continue
      reported.add(name)
      const message = `the run directory ${join(home.runs, name)} cannot be read: ${(error as Error).message}`
      log(message)
      changes.emit({ topic: 'data', message })
    }
  }
  return imported
}

function importRun(context: Context, ingester: Ingester, name: string): void {
  if (!isRunId(name)) throw new Error('its name is not a run id (letters, digits, "-" and "_", at most 80)')
  const directory = runPath(context.home.runs, name)
  const config = readRunConfig(directory)
  // A directory copied from another machine names a process of that machine, which has nothing to do with the copy.
  if (readRunProcess(directory)?.host !== hostname()) rmSync(runFiles(directory).process, { force: true })
  const origin = readRunOrigin(directory)
  const from = origin?.ablation
  const ablation: AblationRow | undefined = from
    ? {
        id: from.id,
        name: from.name,
        createdAt: from.createdAt,
        baseline: parseConfig(from.baseline),
        factors: from.factors,
        seeds: from.seeds,
      }
    : undefined
  const cell = from && {
    ablationId: from.id,
    armIndex: from.arm.index,
    armLabel: from.arm.label,
    armSettings: from.arm.settings,
  }
  const createdAt = origin?.createdAt ?? Math.round(statSync(runFiles(directory).config).mtimeMs)
  context.runs.insert(
    [{ id: name, config, createdAt, parentId: origin?.parentId ?? null, cell: cell ?? null }],
    'interrupted',
    ablation,
  )
  ingester.catchUp(name)
  resolveRun(context, ingester, name)
}

/** Gives a run that no scheduler knows its state, from its directory; a process that still lives is taken over. */
function resolveRun({ home, runs, scheduler }: Context, ingester: Ingester, id: string): void {
  const directory = runPath(home.runs, id)
  if (!existsSync(directory)) {
    runs.setState(id, 'interrupted', `Its directory ${directory} is gone; only what the database holds is left.`)
    return
  }
  const identity = readRunProcess(directory)
  if (identity && isAlive(identity)) {
    runs.setState(id, 'running', '')
    ingester.follow(id)
    scheduler.adopt(id, identity)
    return
  }
  ingester.catchUp(id)
  const { state, reason } = outcomeOf(directory)
  runs.setState(id, state, reason)
}

/**
 * Brings the database up to what has happened since an app last had this home, however that app ended.
 * @param startQueued whether runs that were left in the queue start now, or wait for an app that starts them
 */
export function reconcile(context: Context, ingester: Ingester, startQueued: boolean): void {
  const { home, runs, scheduler, log } = context
  // Left behind by a death between renaming and deleting, or while a directory was made.
  for (const name of readdirSync(home.runs))
    if (name.startsWith('.removed-') || name.startsWith('.new-'))
      rmSync(join(home.runs, name), { recursive: true, force: true })
  for (const id of runs.inState('running')) attempt(id, () => resolveRun(context, ingester, id))
  for (const id of runs.inState('queued'))
    attempt(id, () => {
      ensureRunDirectory(context, id)
      if (startQueued) scheduler.enqueue(id)
    })

  function attempt(id: string, action: () => void): void {
    try {
      action()
    } catch (error) {
      log(`run ${id}: ${(error as Error).message}`)
      runs.setState(id, 'interrupted', `Its directory cannot be used: ${(error as Error).message}`)
    }
  }
}
