import quick from '../../resources/presets/quick.json' with { type: 'json' }
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { parseConfig } from '../../src-shared/parse-config.ts'

/** The quick preset's baseline with a few settings of its own. */
export const smallConfig = (changes: Partial<ExperimentConfig> = {}): ExperimentConfig =>
  parseConfig({ ...quick.baseline, ...changes })
