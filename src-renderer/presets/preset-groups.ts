import type { Missing } from '../../src-shared/contract/plan.ts'
import { type Preset, type PresetGroup, type PresetOutlook, presetGroups } from '../../src-shared/contract/presets.ts'
import { formatBytes, formatCountOf, formatMinutes } from '../format.ts'

export interface GroupedPresets {
  group: PresetGroup
  title: string
  hint: string
  presets: Preset[]
}

const words: Record<PresetGroup, { title: string; hint: string }> = {
  minutes: { title: 'On this machine, in minutes', hint: 'a small language model of their own' },
  'reads-paints': { title: 'Reading and painting', hint: 'a second stage, with dialogues about pictures' },
  'language-model': { title: 'With a real language model', hint: 'the codes are SmolLM2’s 49,152 rows' },
  baseline: { title: 'Baselines', hint: 'tokenizers with a codebook of their own' },
  paper: { title: 'The paper’s size', hint: 'to plan here, and to run where there are devices for it' },
}

/** Presets under the headings that they are offered by, in the order of the groups; empty groups are left out. */
export const groupPresets = (presets: readonly Preset[]): GroupedPresets[] =>
  presetGroups
    .map((group) => ({ group, ...words[group], presets: presets.filter((preset) => preset.group === group) }))
    .filter((each) => each.presets.length > 0)

/** "3 arms × 2 seeds" */
export function sizeOfPreset({ factors, seeds }: Preset): string {
  const arms = factors.reduce((product, { values }) => product * values.length, 1)
  const runs = arms * seeds.length
  return formatCountOf(runs, 'run')
}

export interface PresetNote {
  text: string
  /** What it means, one hover away. */
  detail: string
  /** Where it can be mended; null where only a setting can. */
  href: string | null
}

/** "about 8 minutes", or what is known instead. */
export const timeOfPreset = (outlook: PresetOutlook | undefined): string =>
  outlook === undefined ? '' : outlook.minutes === null ? 'not measured here' : formatMinutes(outlook.minutes)

/** What stands between a preset and its start. @param memory of this machine, bytes */
export function notesOfPreset(outlook: PresetOutlook | undefined, memory: number | undefined): PresetNote[] {
  if (!outlook) return []
  const words = (those: readonly Missing[]) => those.map(({ message, remedy }) => `${message} ${remedy}`).join(' ')
  const installable = outlook.missing.filter(({ path }) => path === 'language.model')
  const others = outlook.missing.filter(({ path }) => path !== 'language.model')
  const kinds = [...new Set(others.map(({ what }) => what))]
  const notes: PresetNote[] = []
  if (installable.length > 0) notes.push({ text: 'Install SmolLM2', detail: words(installable), href: '/data/models' })
  if (kinds.length > 0)
    notes.push({
      text: kinds.length === 1 ? `${kinds[0]} not here` : `${kinds.length} things not here`,
      detail: words(others),
      href: null,
    })
  if (memory !== undefined && outlook.memoryBytes !== null && outlook.memoryBytes > memory)
    notes.push({
      text: 'too large here',
      detail: `One run needs about ${formatBytes(outlook.memoryBytes)}; this machine has ${formatBytes(memory)}.`,
      href: null,
    })
  return notes
}

/** Notes that lead somewhere and that every member of a group has: they are said once, beside the group's title. */
export const commonNotes = (notes: readonly (readonly PresetNote[])[]): PresetNote[] =>
  (notes[0] ?? []).filter(
    ({ href, text }) => href !== null && notes.every((those) => those.some((note) => note.text === text)),
  )
