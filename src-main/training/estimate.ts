import type { ExperimentConfig } from '../../src-shared/config.ts'
import { type Memory, memoryOf, totalOf } from './estimate/memory.ts'
import { type Part, partsOf } from './estimate/parts.ts'
import { type Work, workOf } from './estimate/work.ts'

export interface RunEstimate {
  parts: Part[]
  memory: Memory
  /** Peak resident memory of the training process, bytes. */
  memoryBytes: number
  work: Work[]
  /** Arithmetic of one tokenizer step with its share of language steps, in 10⁹ operations (a multiply-add is two). */
  gflopPerStep: number
}

/** What a run takes, from its config alone. @param vocabulary tokens of the language model */
export function estimateRun(config: ExperimentConfig, vocabulary: number): RunEstimate {
  const parts = partsOf(config, vocabulary)
  const memory = memoryOf(config, vocabulary, parts)
  const work = workOf(config, vocabulary)
  return {
    parts,
    memory,
    memoryBytes: totalOf(memory),
    work,
    gflopPerStep: work.reduce((sum, { operations }) => sum + operations, 0) / 1e9,
  }
}
