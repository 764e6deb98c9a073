import type { MeasuringProgress } from '../../src-shared/codebook-evaluation.ts'
import type { Executor } from '../jobs/executor.ts'
import { type MeasuringTask, measuring } from '../jobs/measuring.ts'
import type { Context } from './context.ts'
import { conflict } from './errors.ts'

export type MeasuringTurn = ReturnType<typeof createMeasuringTurn>

/** Lets one thing be measured at a time, in a process of its own, since each takes the machine. */
export function createMeasuringTurn(
  { home, scheduler, cores }: Pick<Context, 'home' | 'scheduler' | 'cores'>,
  { executor, entry }: { executor: Executor; entry: string },
) {
  let busy: { task: MeasuringTask; what: string } | null = null
  return {
    isBusyWith: ({ kind, directory }: Pick<MeasuringTask, 'kind' | 'directory'>): boolean =>
      busy?.task.kind === kind && busy.task.directory === directory,
    /**
     * Ends when it is done; whose reader goes stops it.
     * @param what as a sentence begins: "measuring the codebook of run …"
     * @throws the contract's CONFLICT, if something else is measured or it fails
     */
    async *measure(task: MeasuringTask, what: string, signal?: AbortSignal): AsyncGenerator<MeasuringProgress, void> {
      if (busy) throw conflict(`${busy.what} is under way`, 'Wait until it is done, or stop it there.')
      busy = { task, what }
      try {
        const threads = Math.max(1, Math.floor(cores / (1 + scheduler.running().length)))
        yield* measuring({ executor, entry, task, cacheFolder: home.cache, threads, log: home.measuringLog, signal })
      } catch (error) {
        // Who went away is told nothing.
        if (!signal?.aborted)
          throw conflict(
            `${what} failed: ${(error as Error).message}`,
            `Put right what it names and try again; what the process said is in ${home.measuringLog}.`,
          )
      } finally {
        busy = null
      }
    },
  }
}
