import { askedOfModel } from '../../../src-shared/contract/multimodal.ts'
import { readRunConfig } from '../run-directory.ts'
import { ModelError } from './model-error.ts'
import { modelHandlers } from './model-handlers.ts'
import { priorHandlers } from './prior-handlers.ts'
import type { ModelHandlers, ModelProcedure } from './procedures.ts'

/** Answers of whatever a run trained that can be asked: its prior, or its language model. Which one is looked up at the first request. */
export function runHandlers(directory: string, cacheDir: string, threads: number): ModelHandlers {
  let chosen: ModelHandlers | null = null
  const handlers = (): ModelHandlers => {
    chosen ??= hasPrior(directory)
      ? priorHandlers(directory, cacheDir, threads)
      : modelHandlers(directory, cacheDir, threads)
    return chosen
  }
  type Handler = (asked: unknown, how: unknown) => Promise<unknown>
  const each = Object.keys(askedOfModel).map((name): [string, Handler] => [
    name,
    async (asked, how) => (handlers()[name as ModelProcedure] as Handler)(asked, how),
  ])
  return Object.fromEntries(each) as unknown as ModelHandlers
}

/** Whether a run's config goes on with a prior. @throws ModelError if it cannot be read */
export function hasPrior(directory: string): boolean {
  try {
    return readRunConfig(directory).prior.steps > 0
  } catch (error) {
    throw new ModelError('unreadable', (error as Error).message, 'Put the run’s config.json back, or clone the run.', {
      cause: error,
    })
  }
}
