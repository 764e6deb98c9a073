import { type } from '@orpc/contract'
import { z } from 'zod'
import type { ExperimentConfig } from '../config.ts'
import type { ProvenanceCards } from '../provenance.ts'
import { id, procedure } from './procedure.ts'
import type { RunSummary } from './runs.ts'

export interface Factor {
  /** Dotted path of the setting, such as "codebook.paradigm". */
  path: string
  values: unknown[]
}

export interface AblationSummary {
  id: string
  name: string
  createdAt: number
  runCount: number
  finished: number
  failed: number
  running: number
  secondsLeft: number | null
}

export interface Cell {
  /** n seeds with a value */
  n: number
  mean: number | null
  /** Sample standard deviation over seeds; null if n < 2. */
  std: number | null
  best: boolean
  /** Difference of the mean from the baseline arm's, with a 95 % interval (Welch); null where it cannot be had. */
  difference: { mean: number; low: number | null; high: number | null } | null
  values: { runId: string; seed: number; value: number }[]
}

export interface AblationDetail extends AblationSummary {
  factors: Factor[]
  seeds: number[]
  baseline: ExperimentConfig
  /** Arms in order, the baseline's first if it is one of them. */
  arms: {
    label: string
    settings: Record<string, unknown>
    isBaseline: boolean
    runIds: string[]
    cells: Record<string, Cell>
  }[]
  metrics: string[]
  /** Where the numbers come from, as far as the runs agree. */
  provenance: ProvenanceCards
  runs: RunSummary[]
}

const factor = z.object({ path: z.string(), values: z.array(z.unknown()).min(1).max(32) })
export const ablationPlan = z.object({
  name: z.string().min(1).max(120),
  baseline: z.unknown(),
  factors: z.array(factor).max(8),
  seeds: z.array(z.int().min(0)).min(1).max(32),
})

/** Arms × seeds that were planned together. */
export const ablations = {
  list: procedure.output(type<AblationSummary[]>()),
  get: procedure.input(id).output(type<AblationDetail>()),
  create: procedure.input(ablationPlan).output(type<{ id: string; runIds: string[] }>()),
  /** The Quick ablation of the first page: preset "quick", as it stands. */
  quick: procedure.output(type<{ id: string; runIds: string[] }>()),
  stop: procedure.input(id).output(type<{ stopped: number }>()),
  remove: procedure.input(id).output(type<{ removed: true }>()),
}
