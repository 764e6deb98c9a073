import type { ExperimentConfig } from '../config.ts'
import { withSetting } from '../config-paths.ts'
import type { Preset } from '../contract/presets.ts'
import { parseConfig } from '../parse-config.ts'
import type { PaperTable, RunSize } from './tables.ts'

/**
 * The config of a row at a size: a preset's baseline with the table's and the row's settings.
 * @returns null for rows of outside systems
 * @throws ConfigError if the settings do not go together; Error if there is no such preset
 */
export function experimentOf(
  table: PaperTable,
  row: number,
  size: RunSize,
  presets: readonly Preset[],
): ExperimentConfig | null {
  const own = table.rows[row]?.runs?.[size]
  if (!own) return null
  const shared = table.runs[size]
  const id = own.preset ?? shared.preset
  const preset = presets.find((each) => each.id === id)
  if (!preset) throw new Error(`table ${table.id} names a preset "${id}", which is not there; reinstall the app`)
  // A row with a preset of its own does not take the settings that the table makes to another one.
  const settings = own.preset === undefined ? { ...shared.set, ...own.set } : own.set
  const changed = Object.entries(settings).reduce(
    (config, [path, value]) => withSetting(config, path, value),
    preset.baseline,
  )
  return parseConfig({ ...changed, name: `Table ${table.id} · ${table.rows[row]?.name} · ${size}`.slice(0, 120) })
}
