import type { RunSummary } from '../../src-shared/contract/runs.ts'
import type { RunState } from '../../src-shared/events.ts'
import type { Workbench } from '../services/workbench.ts'
import { exitCodes } from './errors.ts'
import { type Interrupt, listenForInterrupt, resumeAdvice } from './interrupt.ts'
import { createProgress } from './progress.ts'
import { duration, short } from './table.ts'
import { note, type Terminal } from './terminal.ts'

export type WorkbenchClient = Workbench['client']
/** What following runs needs of the services. */
export type RunsToFollow = Pick<WorkbenchClient['runs'], 'list' | 'pause'>

const LOOK_EVERY_MS = 300
const open: readonly RunState[] = ['queued', 'running']

/**
 * Shows how runs train until none of them is queued or running. Ctrl-C pauses them.
 * @returns the runs as they are then, in the order of `ids`
 */
export async function followRuns(
  runs: RunsToFollow,
  ids: readonly string[],
  terminal: Terminal,
  interrupt: Interrupt = listenForInterrupt(terminal),
): Promise<RunSummary[]> {
  const progress = createProgress(terminal)
  const told = new Map<string, RunState>()
  let pausing = false
  try {
    for (;;) {
      const all = new Map((await runs.list()).map((run) => [run.id, run]))
      const followed = ids.flatMap((id) => all.get(id) ?? [])
      for (const run of followed) {
        if (told.get(run.id) !== run.state && run.state !== 'queued') progress.line(stateLine(run))
        told.set(run.id, run.state)
      }
      const unfinished = followed.filter(({ state }) => open.includes(state))
      if (unfinished.length === 0) return followed
      if (interrupt.asked() && !pausing) {
        pausing = true
        for (const { id } of unfinished) await pauseIfOpen(runs, id)
        continue
      }
      if (!pausing) progress.show(share(followed), progressWords(followed))
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  } finally {
    progress.end()
    interrupt.release()
  }
}

/** How a command ends whose runs ended so; tells on the way how to resume those that are not done. */
export function exitCodeOf(runs: readonly RunSummary[], terminal: Terminal): number {
  const notDone = runs.filter(({ state }) => state !== 'finished')
  const resumable = notDone.filter(({ state }) => state !== 'stopped')
  if (resumable.length > 0) note(terminal, resumeAdvice(resumable.map(({ id }) => id)))
  if (notDone.length === 0) return exitCodes.done
  return notDone.every(({ state }) => state === 'paused') ? exitCodes.interrupted : exitCodes.failed
}

/** A run that ended in the meantime cannot be paused any more, which is as well. */
async function pauseIfOpen(runs: RunsToFollow, id: string): Promise<void> {
  try {
    await runs.pause({ id })
  } catch (error) {
    const { state } = (await runs.list()).find((run) => run.id === id) ?? {}
    if (state !== undefined && open.includes(state)) throw error
  }
}

function stateLine({ id, name, state, step, steps, reason, latest }: RunSummary): string {
  if (state === 'running') return `▸ ${name} (${id})`
  const mse = latest['heldout.mse']
  const found = mse === undefined ? '' : `, held-out MSE ${short(mse)}`
  const mark = state === 'finished' ? '✓' : state === 'paused' ? '‖' : '✗'
  return `${mark} ${name} (${id}): ${state} at step ${step} of ${steps}${found}${reason ? `. ${reason}` : ''}`
}

const share = (runs: readonly RunSummary[]): number => {
  const done = runs.reduce((sum, { state, step, steps }) => sum + (open.includes(state) ? step : steps), 0)
  return done / runs.reduce((sum, { steps }) => sum + steps, 0)
}

function progressWords(runs: readonly RunSummary[]): string {
  const running = runs.filter(({ state }) => state === 'running')
  const steps = runs.reduce((sum, { step }) => sum + step, 0)
  const total = runs.reduce((sum, { steps }) => sum + steps, 0)
  const speed = running.reduce((sum, { imagesPerSecond }) => sum + (imagesPerSecond ?? 0), 0)
  const left = secondsLeft(runs)
  return [
    runs.length > 1 ? `${runs.filter(({ state }) => !open.includes(state)).length} of ${runs.length} runs done` : '',
    `step ${steps} of ${total}`,
    speed > 0 ? `${short(speed)} images/s` : '',
    left === null ? '' : `about ${duration(left)} left`,
  ]
    .filter((part) => part !== '')
    .join(', ')
}

/** From the pace of those that run now, as many at once as now; null while none has a pace. */
function secondsLeft(runs: readonly RunSummary[]): number | null {
  const paced = runs.filter(
    ({ state, secondsLeft, step, steps }) => state === 'running' && secondsLeft !== null && step < steps,
  )
  if (paced.length === 0) return null
  const stepsPerSecond = paced.reduce(
    (sum, run) => sum + (run.steps - run.step) / Math.max(run.secondsLeft as number, 1e-3),
    0,
  )
  const remaining = runs
    .filter(({ state }) => open.includes(state))
    .reduce((sum, { step, steps }) => sum + Math.max(0, steps - step), 0)
  return Math.max(remaining / stepsPerSecond, ...paced.map((run) => run.secondsLeft as number))
}
