import { existsSync, readFileSync } from 'node:fs'
import {
  type CodebookEvaluation,
  type CodebookEvaluationEvent,
  type MeasuredCodebook,
  measuredCodebookSchema,
} from '../../src-shared/codebook-evaluation.ts'
import { stepsIn } from '../jobs/checkpoints.ts'
import type { Executor } from '../jobs/executor.ts'
import { measuring } from '../jobs/measuring.ts'
import { runFiles } from '../jobs/run-directory.ts'
import { runPath } from '../jobs/run-id.ts'
import type { Context } from './context.ts'
import { conflict, notFound, unreadable } from './errors.ts'

export type EvaluationsService = ReturnType<typeof createEvaluationsService>

/** What is measured of runs beyond what they record themselves. Every method throws the contract's errors. */
export function createEvaluationsService(
  { home, runs, scheduler, cores }: Pick<Context, 'home' | 'runs' | 'scheduler' | 'cores'>,
  { executor, entry }: { executor: Executor; entry: string },
) {
  /** The run whose codebook is being measured: one at a time, since each takes the machine. */
  let busy: string | null = null
  const directoryOf = (id: string): string => {
    if (!runs.row(id)) throw notFound(`there is no run ${id}`, 'It may have been removed; reload the list of runs.')
    return runPath(home.runs, id)
  }
  return {
    codebook(id: string): MeasuredCodebook | null {
      const path = runFiles(directoryOf(id)).codebookEvaluation
      if (!existsSync(path)) return null
      try {
        return measuredCodebookSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
      } catch (cause) {
        throw unreadable(
          `the codebook figures of run ${id} cannot be read: ${(cause as Error).message}`,
          `Measure it again; the figures are in ${path}.`,
        )
      }
    },
    async *measureCodebook(
      id: string,
      asked: CodebookEvaluation,
      signal?: AbortSignal,
    ): AsyncGenerator<CodebookEvaluationEvent, void> {
      const directory = directoryOf(id)
      if (stepsIn(runFiles(directory).checkpoints).length === 0)
        throw conflict(
          `run ${id} has no checkpoint yet, and so no codebook to measure`,
          'It writes one every training.checkpointEvery steps, and at its end.',
        )
      if (busy)
        throw conflict(`the codebook of run ${busy} is being measured`, 'Wait until it is done, or stop it there.')
      busy = id
      try {
        const threads = Math.max(1, Math.floor(cores / (1 + scheduler.running().length)))
        yield* measuring({
          ...{ executor, entry, directory, cacheFolder: home.cache, threads, asked, signal },
          log: home.measuringLog,
        })
      } catch (error) {
        // Who went away is told nothing.
        if (!signal?.aborted)
          throw conflict(
            `run ${id}: its codebook could not be measured: ${(error as Error).message}`,
            `Put right what it names and measure again; what the process said is in ${home.measuringLog}.`,
          )
      } finally {
        busy = null
      }
    },
  }
}
