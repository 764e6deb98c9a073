import { z } from 'zod'
import type { Factor } from '../../../src-shared/contract/ablations.ts'
import type { Preset } from '../../../src-shared/contract/presets.ts'
import { formatAddress } from '../../address.ts'

/**
 * An ablation that is being planned, as it stands in the address: where its baseline comes from, what was changed
 * there, and what is varied. What is not in the address comes from the preset.
 */
export interface PlanAddress {
  /** Id of a preset; '' if the baseline is a run's config. */
  preset: string
  /** Id of the run whose config is the baseline; '' for a preset. */
  run: string
  name: string | null
  changes: Changes
  factors: Factor[] | null
  seeds: number[] | null
}

/** Dotted path → value, over a baseline; null takes the setting away. */
export type Changes = Record<string, unknown>

const changesSchema = z.record(z.string(), z.unknown())
const factorsSchema = z.array(z.object({ path: z.string(), values: z.array(z.unknown()) }))
const seedsSchema = z.array(z.int().min(0))

/** Reads a plan; parameters that cannot be read are named in `unreadable` and left out. */
export function parsePlan(params: URLSearchParams): { plan: PlanAddress; unreadable: string[] } {
  const unreadable: string[] = []
  const read = <T>(key: string, schema: z.ZodType<T>, text = params.get(key)): T | null => {
    if (text === null) return null
    try {
      return schema.parse(JSON.parse(text))
    } catch {
      unreadable.push(key)
      return null
    }
  }
  const seeds = params.get('seeds')
  return {
    plan: {
      preset: params.get('preset') ?? (params.has('run') ? '' : 'quick'),
      run: params.get('run') ?? '',
      name: params.get('name'),
      changes: read('set', changesSchema) ?? {},
      factors: read('factors', factorsSchema),
      seeds: read('seeds', seedsSchema, seeds === null ? null : `[${seeds}]`),
    },
    unreadable,
  }
}

/** Inverse of parsePlan. */
export function planParams(plan: Partial<PlanAddress>): URLSearchParams {
  const params = new URLSearchParams()
  if (plan.preset) params.set('preset', plan.preset)
  if (plan.run) params.set('run', plan.run)
  if (plan.name !== null && plan.name !== undefined) params.set('name', plan.name)
  if (plan.changes && Object.keys(plan.changes).length > 0) params.set('set', JSON.stringify(plan.changes))
  if (plan.factors) params.set('factors', JSON.stringify(plan.factors))
  if (plan.seeds) params.set('seeds', plan.seeds.join(','))
  return params
}

export const formatAddressOfPlan = (plan: Partial<PlanAddress>): string =>
  formatAddress('/ablate/new', planParams(plan))

type Tree = Record<string, unknown>
const isTree = (value: unknown): value is Tree => value !== null && typeof value === 'object' && !Array.isArray(value)

/** A picture source is one of several kinds with keys of their own: it is exchanged whole. */
const WHOLE = 'data.source'

/** Leaves of a config by dotted path. */
function leaves(tree: unknown, prefix = ''): Map<string, unknown> {
  // A group without settings is a leaf too, so that none that was typed gets lost.
  const bare = prefix !== '' && isTree(tree) && Object.keys(tree).length === 0
  if (!isTree(tree) || bare || prefix === `${WHOLE}.`) return new Map([[prefix.slice(0, -1), tree]])
  return new Map(Object.entries(tree).flatMap(([key, value]) => [...leaves(value, `${prefix}${key}.`)]))
}

/** What leads from one config to another; applyChanges is its inverse. */
export function changesBetween(base: object, edited: object): Changes {
  const before = leaves(base)
  const after = leaves(edited)
  const changes: Changes = {}
  for (const path of new Set([...before.keys(), ...after.keys()]))
    if (JSON.stringify(before.get(path)) !== JSON.stringify(after.get(path))) changes[path] = after.get(path) ?? null
  return changes
}

/** A copy of the config with the changes made; whatever comes of it is for the schema to judge. */
export function applyChanges(base: object, changes: Changes): Tree {
  const copy = structuredClone(base) as Tree
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.')
    const last = keys.pop() as string
    let at = copy
    for (const key of keys) {
      const next = at[key]
      if (isTree(next)) at = next
      else at = at[key] = {}
    }
    if (value === null) delete at[last]
    else at[last] = structuredClone(value)
  }
  return copy
}

/** Reads a list of values as typed: "0.5, 0.9", "frozen, dual", '[32, 64], [16, 32]', '{"kind":"vq"}, …'. */
export function parseValues(text: string): unknown[] {
  try {
    return JSON.parse(`[${text}]`) as unknown[]
  } catch {
    // Not JSON as a whole: words without quotes.
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => {
        try {
          return JSON.parse(part) as unknown
        } catch {
          return part
        }
      })
  }
}

/** Writes a list so that parseValues reads it back. */
export function formatValues(values: readonly unknown[]): string {
  const plain = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ')
  return JSON.stringify(parseValues(plain)) === JSON.stringify(values)
    ? plain
    : values.map((value) => JSON.stringify(value)).join(', ')
}

/** Reads seeds as typed: "0, 1, 5" or "0-4"; null if that is not a list of whole numbers. */
export function parseSeeds(text: string): number[] | null {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '')
  const seeds = parts.flatMap((part) => {
    const range = /^(\d{1,9})(?:[-–](\d{1,9}))?$/.exec(part)
    if (!range) return [Number.NaN]
    const from = Number(range[1])
    const to = Number(range[2] ?? range[1])
    return to - from > 1000 ? [Number.NaN] : Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at)
  })
  return seeds.length > 0 && seeds.every((seed) => Number.isSafeInteger(seed)) ? seeds : null
}

/** The plan's parts with those of its preset filled in. */
export function completePlan(plan: PlanAddress, preset: Preset | undefined) {
  return {
    name: plan.name ?? preset?.baseline.name ?? 'ablation',
    factors: plan.factors ?? preset?.factors ?? [],
    seeds: plan.seeds ?? preset?.seeds ?? [0, 1],
  }
}
