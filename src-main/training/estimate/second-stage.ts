import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { type Memory, memoryOf } from './memory.ts'
import { partsOf } from './parts.ts'
import { languageOperations } from './work.ts'

/** What Stage II takes. */
export interface SecondStage {
  memory: Memory
  /** Arithmetic of one step, if every sequence were as long as the context. */
  operations: number
}

/** @returns null for a config without a second stage @param vocabulary tokens of the language model */
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
  return {
    // Pictures go through the encoder one by one.
    memory: { ...memoryOf(second, vocabulary, parts, 1), rules: 0 },
    operations: languageOperations(second, vocabulary),
  }
}
