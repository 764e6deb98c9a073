import type { ExperimentConfig } from './config.ts'

/** Steps of a whole run, over its stages: each goes on counting where the one before it ended. */
export const totalSteps = ({ training, multimodal }: Pick<ExperimentConfig, 'training' | 'multimodal'>): number =>
  training.steps + multimodal.steps
