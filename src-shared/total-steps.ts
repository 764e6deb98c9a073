import type { ExperimentConfig } from './config.ts'

/** Steps of a whole run: what follows Stage I, Stage II or a prior, goes on counting where that ended. */
export const totalSteps = ({
  training,
  multimodal,
  prior,
}: Pick<ExperimentConfig, 'training' | 'multimodal' | 'prior'>): number =>
  training.steps + multimodal.steps + prior.steps
