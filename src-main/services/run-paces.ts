import type { ExperimentConfig } from '../../src-shared/config.ts'
import { readRunTokens } from '../jobs/run-directory.ts'
import { runPath } from '../jobs/run-id.ts'
import { type LaterWeight, secondsPerStep } from '../store/runs-store.ts'
import type { RunRow } from '../store/tables.ts'
import { estimateRun } from '../training/estimate.ts'
import type { Pace, PacedRun } from './pace.ts'

/** A few steps between two evaluations say little about the pace of a run. */
const TELLING_STEPS = 10

export interface RunPaces {
  /** Remembers how fast a run was, for the estimates before the next ones. @throws Error for words that cannot be read */
  note(row: RunRow): void
  laterWeight: LaterWeight
}

/** The pace of runs as their rows tell it. @param threadsOf threads that a run of a config has */
export function createRunPaces(
  pace: Pace,
  runsFolder: string,
  threadsOf: (config: ExperimentConfig) => number,
): RunPaces {
  /** It is asked for again and again while a run goes. */
  const weights = new Map<string, number>()
  function paced({ id, config }: Pick<RunRow, 'id' | 'config'>): PacedRun {
    const vocabulary = readRunTokens(runPath(runsFolder, id))?.length ?? config.language.vocabulary
    return { config, threads: threadsOf(config), estimate: estimateRun(config, vocabulary) }
  }
  return {
    note(row) {
      const { paceStep, lastStep, firstPace, config } = row
      const seconds = (lastStep ?? 0) - (paceStep ?? 0) >= TELLING_STEPS ? secondsPerStep(row) : null
      const later = (lastStep ?? 0) > config.training.steps
      weights.delete(row.id)
      const noted = later ? { first: firstPace, later: seconds } : { first: seconds, later: null }
      if (noted.first !== null || noted.later !== null) pace.note(paced(row), noted)
    },
    laterWeight(row) {
      const weight = weights.get(row.id) ?? pace.laterWeight(paced(row))
      weights.set(row.id, weight)
      return weight
    },
  }
}
