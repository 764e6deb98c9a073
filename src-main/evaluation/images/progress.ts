import { setImmediate } from 'node:timers/promises'

/** How a long evaluation tells where it is, and learns that it shall end. */
export interface Watch {
  /** @param what "pictures", "reference pictures", "kernel subsets" */
  onProgress(done: number, total: number, what: string): void
  signal: AbortSignal
}

export class EvaluationStopped extends Error {
  override name = 'EvaluationStopped'
}

/** Lets signals and timers be heard between pieces of long computation. @throws EvaluationStopped if it shall end */
export async function pause(watch: Watch): Promise<void> {
  await setImmediate()
  requireGoing(watch)
}

/** @throws EvaluationStopped if it shall end */
export function requireGoing({ signal }: Watch): void {
  if (signal.aborted) throw new EvaluationStopped('the evaluation was stopped; nothing was written')
}
