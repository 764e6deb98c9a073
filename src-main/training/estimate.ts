import type { ExperimentConfig } from '../../src-shared/config.ts'
import { type Memory, memoryOf, totalOf } from './estimate/memory.ts'
import { type Part, partsOf } from './estimate/parts.ts'
import { priorStage } from './estimate/prior.ts'
import { type SecondStage, secondStage } from './estimate/second-stage.ts'
import { type Work, workOf } from './estimate/work.ts'

export interface RunEstimate {
  parts: Part[]
  memory: Memory
  /** Peak resident memory of the training process over its stages, bytes. */
  memoryBytes: number
  work: Work[]
  /** What the second stage or the prior takes; null without one. */
  second: SecondStage | null
  /** Arithmetic of one tokenizer step with its share of language steps, in 10⁹ operations (a multiply-add is two). */
  gflopPerStep: number
}

/** What a run takes, from its config alone. @param vocabulary tokens of the language model */
export function estimateRun(config: ExperimentConfig, vocabulary: number): RunEstimate {
  const parts = partsOf(config, vocabulary)
  const memory = memoryOf(config, vocabulary, parts)
  const work = workOf(config, vocabulary)
  const second = secondStage(config, vocabulary) ?? priorStage(config, vocabulary)
  return {
    parts,
    memory,
    memoryBytes: Math.max(totalOf(memory), second ? totalOf(second.memory) : 0),
    second,
    work,
    gflopPerStep: work.reduce((sum, { operations }) => sum + operations, 0) / 1e9,
  }
}

/** Arithmetic of a step of what follows Stage I, in steps of Stage I; 0 where nothing follows. */
export const laterByArithmetic = ({ second, gflopPerStep }: Pick<RunEstimate, 'second' | 'gflopPerStep'>): number =>
  second ? second.operations / 1e9 / gflopPerStep : 0

/** Steps of a whole run in steps of its first stage: a later stage counts by its arithmetic. */
export const stepsAlike = (
  { training }: ExperimentConfig,
  estimate: Pick<RunEstimate, 'second' | 'gflopPerStep'>,
): number => training.steps + (estimate.second?.steps ?? 0) * laterByArithmetic(estimate)
