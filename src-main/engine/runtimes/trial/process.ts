import { loadRuntime, type RuntimeChoice } from '../load-runtime.ts'
import { trialSteps } from './step.ts'
import type { TrialAnswer } from './try-runtime.ts'

/** A trial of one runtime in a process of its own: `process <choice as JSON>`; answers its parent once. */

async function answer(): Promise<TrialAnswer> {
  try {
    const choice = JSON.parse(process.argv[2] ?? '') as RuntimeChoice
    return { trial: await trialSteps(await loadRuntime(choice)) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

const message = await answer()
process.send?.(message, () => process.exit(0))
