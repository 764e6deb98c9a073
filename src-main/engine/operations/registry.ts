import type { KernelRule } from '../kernels.ts'
import { accumulatedRules } from './accumulated.ts'
import { attentionRules } from './attention.ts'
import { barrierRules } from './barrier.ts'
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
  ...accumulatedRules,
  ...attentionRules,
  ...cachedAttentionRules,
  ...barrierRules,
  ...groupNormRules,
  ...layerNormRules,
  ...nearestCodeRules,
  ...rmsNormRules,
  ...rotaryRules,
  ...siluRules,
  ...softmaxCrossEntropyRules,
}
