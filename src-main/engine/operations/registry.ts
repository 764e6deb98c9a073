import type { KernelRule } from '../kernels.ts'
import { groupNormRules } from './group-norm.ts'
import { nearestCodeRules } from './nearest-code.ts'
import { rmsNormRules } from './rms-norm.ts'
import { siluRules } from './silu.ts'
import { softmaxCrossEntropyRules } from './softmax-cross-entropy.ts'

/** Kernels of the engine's own, by name. */
export const ownRules: Record<string, KernelRule> = {
  ...groupNormRules,
  ...nearestCodeRules,
  ...rmsNormRules,
  ...siluRules,
  ...softmaxCrossEntropyRules,
}
