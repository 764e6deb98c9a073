import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { meanPositions } from './mean-positions.ts'
import { type Memory, memoryOf } from './memory.ts'
import { partsOf } from './parts.ts'
import { languageOperations } from './work.ts'

/** What follows Stage I: a language model that reads and paints, or a prior. */
export interface SecondStage {
  kind: 'language model' | 'prior'
  steps: number
  /** Of one step, on average. */
  positions: number
  /** Arithmetic of one step, likewise. */
  operations: number
  memory: Memory
}

/** What Stage II takes. @returns null for a config without one @param vocabulary tokens of the language model */
export function secondStage(config: ExperimentConfig, vocabulary: number): SecondStage | null {
  const { multimodal, language } = config
  if (multimodal.steps === 0) return null
  const second: ExperimentConfig = {
    ...config,
    language: {
      ...language,
      tuning: multimodal.tuning,
      context: multimodal.context,
      batchSize: multimodal.batchSize,
      ratio: multimodal.accumulation,
    },
    losses: {
      ...config.losses,
      perceptual: { ...config.losses.perceptual, network: 'none' },
      adversarial: { ...config.losses.adversarial, weight: 0 },
    },
  }
  // The tokenizer only looks: its weights have neither gradients nor moments.
  const parts = partsOf(second, vocabulary).map((part) =>
    part.part === 'language model' || part.part === 'adapters' ? part : { ...part, learns: false },
  )
  const length = meanPositions(config)
  return {
    kind: 'language model',
    steps: multimodal.steps,
    positions: Math.round(multimodal.batchSize * multimodal.accumulation * length),
    // Pictures go through the encoder one by one.
    memory: { ...memoryOf(second, vocabulary, parts, 1), rules: 0 },
    operations: languageOperations({ ...second, language: { ...second.language, context: length } }, vocabulary),
  }
}
