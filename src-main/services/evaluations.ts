import { existsSync, readFileSync } from 'node:fs'
import {
  type CodebookEvaluation,
  type CodebookEvaluationEvent,
  type MeasuredCodebook,
  measuredCodebookSchema,
} from '../../src-shared/codebook-evaluation.ts'
import { stepsIn } from '../jobs/checkpoints.ts'
import { runFiles } from '../jobs/run-directory.ts'
import { runPath } from '../jobs/run-id.ts'
import type { Context } from './context.ts'
import { conflict, notFound, unreadable } from './errors.ts'
import type { MeasuringTurn } from './measuring-turn.ts'

export type EvaluationsService = ReturnType<typeof createEvaluationsService>

/** What is measured of runs beyond what they record themselves. Every method throws the contract's errors. */
export function createEvaluationsService({ home, runs }: Pick<Context, 'home' | 'runs'>, turn: MeasuringTurn) {
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
      yield* turn.measure({ kind: 'codebook', directory, asked }, `measuring the codebook of run ${id}`, signal)
      const measured = signal?.aborted ? null : this.codebook(id)
      if (measured) yield { kind: 'measured', measured }
    },
  }
}
