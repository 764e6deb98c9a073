import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { expandPlan } from '../../src-shared/ablation-plan.ts'
import { type Preset, presetGroups } from '../../src-shared/contract/presets.ts'
import { parseConfig } from '../../src-shared/parse-config.ts'
import { resourcesFolder } from './resources.ts'

/** A preset's file, its baseline not yet checked. */
export const presetSchema = z.strictObject({
  id: z.string().regex(/^[\w-]+$/),
  group: z.enum(presetGroups),
  title: z.string().min(1),
  description: z.string().min(1),
  baseline: z.unknown(),
  factors: z.array(z.strictObject({ path: z.string(), values: z.array(z.unknown()).min(1) })),
  seeds: z.array(z.int().min(0)).min(1),
})

/**
 * The experiments that ship, one JSON file each; by group, in there "quick" first, the rest by name.
 * @throws Error naming the file that is not a preset
 */
export function readPresets(folder = join(resourcesFolder(), 'presets')): Preset[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  const presets = files.map((name) => readPreset(join(folder, name)))
  const place = ({ id, group }: Preset) => [presetGroups.indexOf(group), id === 'quick' ? 0 : 1] as const
  return presets.sort((a, b) => {
    const [[groupA, rankA], [groupB, rankB]] = [place(a), place(b)]
    return groupA - groupB || rankA - rankB || (a.id < b.id ? -1 : 1)
  })
}

function readPreset(path: string): Preset {
  try {
    const preset = presetSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    expandPlan({ ...preset, name: preset.id })
    return { ...preset, baseline: parseConfig(preset.baseline) }
  } catch (cause) {
    throw new Error(`${path} is not a preset: ${(cause as Error).message}`, { cause })
  }
}
