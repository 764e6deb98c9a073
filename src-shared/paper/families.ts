import type { ExperimentConfig } from '../config.ts'
import { fulfils } from './config-facts.ts'
import type { PaperTable } from './tables.ts'

/**
 * Runs that may stand in one table: alike in everything but what the table varies. A row of a table then says what the
 * row's setting does, and nothing else.
 */

/** Settings that make no other experiment: the same one on another machine, with another seed or name. */
const ALWAYS_FREE = ['name', 'seed', 'engine']

/** Index of the row that a run is of, or null. Conditions exclude one another, so that there is one at most. */
export function rowOf(table: PaperTable, config: ExperimentConfig): number | null {
  if (!fulfils(config, table.where)) return null
  const index = table.rows.findIndex(({ match }) => match && fulfils(config, match))
  return index < 0 ? null : index
}

/** Equal for runs that may stand in one table. */
export const familyKey = (table: PaperTable, config: ExperimentConfig): string =>
  withoutPaths(config, [...ALWAYS_FREE, ...table.varies])

/** Equal for runs of one experiment with other seeds. */
export const experimentKey = (config: ExperimentConfig): string => withoutPaths(config, ALWAYS_FREE)

/** A config without some of its settings, as text that does not depend on the order of keys. */
function withoutPaths(config: ExperimentConfig, paths: readonly string[]): string {
  const visit = (value: unknown, at: string): unknown => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
    return Object.entries(value)
      .filter(([key]) => !paths.includes(at + key))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, visit(inner, `${at}${key}.`)])
  }
  return JSON.stringify(visit(config, ''))
}
