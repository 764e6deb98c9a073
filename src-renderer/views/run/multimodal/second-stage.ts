import type { RunDetail } from '../../../../src-shared/contract/runs.ts'

/** Whether a run has a second stage, in which its language model learns to read and paint. */
export const hasSecondStage = ({ config }: Pick<RunDetail, 'config'>): boolean => config.multimodal.steps > 0

/** Whether a run goes on with a prior, which paints pictures of a class. */
export const hasPrior = ({ config }: Pick<RunDetail, 'config'>): boolean => config.prior.steps > 0

/** Whether a run paints at its evaluations: as codes of a language model's, or by a prior. */
export const paints = ({ config: { multimodal, prior } }: Pick<RunDetail, 'config'>): boolean =>
  (prior.steps > 0 && prior.paintings > 0) ||
  (multimodal.steps > 0 &&
    multimodal.paradigm !== 'visual-encoder' &&
    multimodal.tasks.paint > 0 &&
    multimodal.paintings > 0)

/**
 * When the first checkpoint of the second stage, or of the prior, comes, in a sentence; null if it is there. Steps go on
 * counting where those of the first stage ended.
 */
export function waitsForCheckpoint({
  step,
  state,
  config,
  checkpointSteps,
}: Pick<RunDetail, 'step' | 'state' | 'config' | 'checkpointSteps'>): string | null {
  const { training, multimodal, prior } = config
  const isPrior = hasPrior({ config })
  const later = isPrior ? prior : multimodal
  if (checkpointSteps.some((one) => one > training.steps)) return null
  const first = training.steps + Math.min(later.checkpointEvery, later.steps)
  const write = (count: number) => count.toLocaleString('en-US')
  const where =
    step <= training.steps
      ? `Stage I is at step ${write(step)} of ${write(training.steps)}; the ${isPrior ? 'prior learns to paint' : 'language model learns to read and paint'} after it.`
      : `${isPrior ? 'The prior' : 'Stage II'} is at step ${write(step - training.steps)} of ${write(later.steps)}.`
  return `The run is ${state}. ${where} Its first checkpoint that can be asked comes at step ${write(first)}.`
}
