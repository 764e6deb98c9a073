import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { withSetting } from '../../src-shared/config-paths.ts'
import type { MetricSeries, RunDetail, RunSummary } from '../../src-shared/contract/runs.ts'
import type { RunEvent, RunState } from '../../src-shared/events.ts'
import type { HeldOutAnswer } from '../../src-shared/held-out-answers.ts'
import { parseConfig } from '../../src-shared/parse-config.ts'
import { decodeSafetensors } from '../../src-shared/safetensors.ts'
import { answerStepsIn, readAnswers } from '../jobs/answer-files.ts'
import { stepFileName, stepsIn } from '../jobs/checkpoints.ts'
import { isDiscriminatorOff, switchOffDiscriminator } from '../jobs/control.ts'
import { tailOf } from '../jobs/outcome.ts'
import { readRunCodes, readRunTokens, runFiles } from '../jobs/run-directory.ts'
import { newRunId, runPath } from '../jobs/run-id.ts'
import type { RunRow } from '../store/tables.ts'
import type { Context } from './context.ts'
import { conflict, notFound, unreadable, withConfigProblems } from './errors.ts'
import { ensureRunDirectory, queueNewRuns } from './queue-runs.ts'

export type RunsService = ReturnType<typeof createRunsService>

const resumable: readonly RunState[] = ['paused', 'stopped', 'interrupted', 'failed']
const logKinds = ['log', 'started', 'ended', 'alarm', 'sync', 'checkpoint', 'discriminator-off'] as const
type LogEvent = Extract<RunEvent, { kind: (typeof logKinds)[number] }>
const ALL = 1_000_000
const STDERR_BYTES = 16_000

/** Everything that concerns single runs. Every method throws the contract's errors. */
export function createRunsService(context: Context) {
  const { home, runs, scheduler, changes } = context

  const rowOf = (id: string): RunRow => {
    const row = runs.row(id)
    if (!row) throw notFound(`there is no run ${id}`, 'It may have been removed; reload the list of runs.')
    return row
  }
  const changed = (id: string): void => {
    const ablationId = runs.row(id)?.ablationId
    changes.emit({ topic: 'run', id })
    if (ablationId) changes.emit({ topic: 'ablation', id: ablationId })
    changes.emit({ topic: 'status' })
  }
  const create = (config: unknown, parentId: string | null): { id: string } => {
    if (parentId !== null) rowOf(parentId)
    const parsed = withConfigProblems(() => parseConfig(config))
    const id = newRunId()
    queueNewRuns(context, [{ id, config: parsed, createdAt: Date.now(), parentId, cell: null }])
    return { id }
  }

  /** Pauses or stops; a queued run leaves the queue at once. */
  const end = (id: string, how: 'pause' | 'stop'): { state: RunState } => {
    const { state } = rowOf(id)
    // A run left in the queue by an earlier app may be unknown to the scheduler.
    const waiting = state === 'queued' ? (how === 'pause' ? 'paused' : 'stopped') : null
    const now = scheduler[how](id) ?? waiting
    if (now === null)
      throw conflict(`run ${id} is ${state}; only a running or queued run can ${how}`, 'Reload the list of runs.')
    if (now !== 'running') {
      runs.setState(id, now, now === 'paused' ? 'Paused before it started.' : 'Stopped before it started.')
      changed(id)
    }
    return { state: now }
  }

  /** The file that a run recorded last at or before a step. */
  function recorded(
    id: string,
    step: number,
    what: 'samples' | 'paintings',
    hint: string,
  ): { step: number; file: Blob } {
    rowOf(id)
    const folder = runFiles(runPath(home.runs, id))[what]
    const found = stepsIn(folder).findLast((at) => at <= step)
    if (found === undefined) throw notFound(`run ${id} has no ${what} at or before step ${step}`, hint)
    return { step: found, file: new Blob([readRecorded(join(folder, stepFileName(found)))]) }
  }

  return {
    list: (): RunSummary[] => runs.summaries(),
    get(id: string): RunDetail {
      const row = rowOf(id)
      const directory = runPath(home.runs, id)
      const files = runFiles(directory)
      return {
        ...(runs.summaries([id])[0] as RunSummary),
        config: row.config,
        directory,
        metricNames: runs.metricNames(id),
        sampleSteps: stepsIn(files.samples),
        paintingSteps: stepsIn(files.paintings),
        answerSteps: answerStepsIn(directory),
        checkpointSteps: stepsIn(files.checkpoints),
        syncs: latestOf(runs.events(id, ['sync'], ALL), ({ step }) => String(step)).map(({ step, before, after }) => ({
          step,
          before,
          after,
        })),
        alarmList: latestOf(runs.events(id, ['alarm'], ALL), ({ step, name }) => `${step} ${name}`).map(
          ({ step, name, message, remedy }) => ({ step, name, message, remedy }),
        ),
        provenance: runs.provenance(id),
        discriminatorOff: runs.events(id, ['discriminator-off'], 1)[0]?.step ?? null,
        discriminatorOffAsked: isDiscriminatorOff(directory),
        attempts: row.attempts,
      }
    },
    create,
    clone(id: string, settings: Record<string, unknown>): { id: string } {
      const { config } = rowOf(id)
      const named = 'name' in settings ? config : { ...config, name: `${config.name} · clone`.slice(0, 120) }
      const changedConfig = withConfigProblems(() =>
        Object.entries(settings).reduce((copy, [path, value]) => withSetting(copy, path, value), named),
      )
      return create(changedConfig, id)
    },
    pause: (id: string) => end(id, 'pause'),
    stop: (id: string) => end(id, 'stop'),
    switchOffDiscriminator(id: string): { asked: true } {
      const { state, config } = rowOf(id)
      if (config.losses.adversarial.weight === 0)
        throw conflict(`run ${id} has no discriminator`, 'Clone it with losses.adversarial.weight above 0 for one.')
      if (state === 'finished') throw conflict(`run ${id} is finished`, 'Clone it with losses.adversarial.stop.')
      ensureRunDirectory(context, id)
      switchOffDiscriminator(runPath(home.runs, id))
      changed(id)
      return { asked: true }
    },
    resume(id: string): { state: RunState } {
      const { state } = rowOf(id)
      const leftInQueue = state === 'queued' && !scheduler.queued().includes(id)
      if (!resumable.includes(state) && !leftInQueue)
        throw conflict(
          `run ${id} is ${state}; a run that is ${resumable.join(', ')} can resume`,
          state === 'finished' ? 'Clone it to train on with other settings.' : 'Wait until it has ended.',
        )
      ensureRunDirectory(context, id)
      runs.queue(id)
      scheduler.enqueue(id)
      changed(id)
      return { state: 'queued' }
    },
    remove(id: string): { removed: true } {
      const { state } = rowOf(id)
      if (state === 'running' || state === 'queued')
        throw conflict(`run ${id} is ${state} and cannot be removed`, 'Stop it first.')
      const directory = runPath(home.runs, id)
      // Renamed first: a death in the middle must not leave half a directory that is read as a run.
      const aside = join(home.runs, `.removed-${id}`)
      if (existsSync(directory)) renameSync(directory, aside)
      changed(id)
      runs.remove(id)
      rmSync(aside, { recursive: true, force: true })
      return { removed: true }
    },
    annotate(id: string, annotation: { tags?: string[] | undefined; note?: string | undefined }): { saved: true } {
      rowOf(id)
      runs.annotate(id, annotation)
      changed(id)
      return { saved: true }
    },
    metrics(query: {
      runIds: string[]
      names: string[]
      maxPoints: number
      fromStep?: number | undefined
      toStep?: number | undefined
    }): MetricSeries[] {
      const { runIds, names, ...range } = query
      for (const id of runIds) rowOf(id)
      return runIds.flatMap((runId) => names.map((name) => context.series({ runId, name, ...range })))
    },
    log(id: string, limit: number): { events: LogEvent[]; stderrTail: string } {
      rowOf(id)
      const { stderr } = runFiles(runPath(home.runs, id))
      return { events: runs.events(id, logKinds, limit), stderrTail: tailOf(stderr, STDERR_BYTES) }
    },
    sample: (id: string, step: number) =>
      recorded(id, step, 'samples', 'It records the first one at training.sampleEvery.'),
    painting: (id: string, step: number) =>
      recorded(id, step, 'paintings', 'A run that paints records the first ones when its second stage begins.'),
    answers(id: string, step: number): { step: number; answers: HeldOutAnswer[] } {
      rowOf(id)
      const directory = runPath(home.runs, id)
      const found = answerStepsIn(directory).findLast((at) => at <= step)
      if (found === undefined)
        throw notFound(
          `run ${id} has no answers at or before step ${step}`,
          'A run with a second stage is asked first when that begins.',
        )
      try {
        return { step: found, answers: readAnswers(directory, found) }
      } catch (error) {
        throw unreadable((error as Error).message, 'Choose another step.')
      }
    },
    tokens(id: string): { vocabulary: string[]; ids: number[] | null } {
      rowOf(id)
      try {
        const path = runPath(home.runs, id)
        return { vocabulary: readRunTokens(path) ?? [], ids: readRunCodes(path) }
      } catch (error) {
        throw unreadable((error as Error).message, 'Resume or clone the run to write it again.')
      }
    },
  }
}

function readRecorded(path: string): Uint8Array<ArrayBuffer> {
  try {
    const bytes = new Uint8Array(readFileSync(path))
    decodeSafetensors(bytes)
    return bytes
  } catch (error) {
    throw unreadable(`${path} cannot be read: ${(error as Error).message}`, 'Choose another step.')
  }
}

/** Of several events with one key (a resumed run records some steps again) the latest, in the order of the first. */
function latestOf<T>(events: readonly T[], key: (event: T) => string): T[] {
  return [...new Map(events.map((event) => [key(event), event])).values()]
}
