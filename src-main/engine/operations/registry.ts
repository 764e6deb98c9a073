import type { KernelRule } from '../kernels.ts'
import { attentionRules } from './attention.ts'
import { cachedAttentionRules } from './cached-attention.ts'
import { groupNormRules } from './group-norm.ts'
import { layerNormRules } from './layer-norm.ts'
import { nearestCodeRules } from './nearest-code.ts'
import { rmsNormRules } from './rms-norm.ts'
import { rotaryRules } from './rotary.ts'
import { siluRules } from './silu.ts'
import { softmaxCrossEntropyRules } from './softmax-cross-entropy.ts'

/** Kernels of the engine's own, by name. */
export const ownRules: Record<string, KernelRule> = {
  ...attentionRules,
  ...cachedAttentionRules,
  ...groupNormRules,
  ...layerNormRules,
  ...nearestCodeRules,
  ...rmsNormRules,
  ...rotaryRules,
  ...siluRules,
  ...softmaxCrossEntropyRules,
}
