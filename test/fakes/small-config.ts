import quick from '../../resources/presets/quick.json' with { type: 'json' }
import { type ExperimentConfig, parseConfig } from '../../src-shared/config.ts'

/** The quick preset's baseline with a few settings of its own. */
export const smallConfig = (changes: Partial<ExperimentConfig> = {}): ExperimentConfig =>
  parseConfig({ ...quick.baseline, ...changes })
