import { type } from '@orpc/contract'
import type { ExperimentConfig } from '../config.ts'
import type { Factor } from './ablations.ts'
import type { Missing } from './plan.ts'
import { procedure } from './procedure.ts'

/** What presets are offered under. */
export const presetGroups = ['minutes', 'reads-paints', 'language-model', 'baseline', 'paper'] as const
export type PresetGroup = (typeof presetGroups)[number]

export interface Preset {
  id: string
  group: PresetGroup
  title: string
  /** Two sentences: what it compares and what one can see. */
  description: string
  baseline: ExperimentConfig
  factors: Factor[]
  seeds: number[]
}

/** What a preset takes here, told without opening its data. */
export interface PresetOutlook {
  id: string
  /** All runs of the preset, in the order they would go; null where nothing like it has been measured here. */
  minutes: number | null
  memoryBytes: number | null
  missing: Missing[]
}

/** Experiments that come with the app. */
export const presets = {
  list: procedure.output(type<Preset[]>()),
  /** Times on this machine and what is missing, in the order of the list. */
  outlook: procedure.output(type<PresetOutlook[]>()),
}
