import { describe, expect, it } from 'vitest'
import quick from '../../resources/presets/quick.json' with { type: 'json' }
import type { Missing } from '../../src-shared/contract/plan.ts'
import type { Preset, PresetOutlook } from '../../src-shared/contract/presets.ts'
import { parseConfig } from '../../src-shared/parse-config.ts'
import { commonNotes, groupPresets, notesOfPreset, sizeOfPreset, timeOfPreset } from './preset-groups.ts'

const preset = (id: string, group: Preset['group']): Preset => ({
  ...quick,
  id,
  group,
  baseline: parseConfig(quick.baseline),
})
const outlook = (changes: Partial<PresetOutlook> = {}): PresetOutlook => ({
  id: 'quick',
  minutes: 8.2,
  memoryBytes: 7e8,
  missing: [],
  ...changes,
})
const missing = (what: Missing['what'], path: string): Missing => ({
  what,
  path,
  message: `No ${path}.`,
  remedy: 'Set it.',
})

describe('presets as they are offered', () => {
  it('stand in groups, small before large, and a group without any is left out', () => {
    const groups = groupPresets([preset('big', 'paper'), preset('a', 'minutes'), preset('b', 'minutes')])
    expect(groups.map(({ group, presets }) => [group, presets.map(({ id }) => id)])).toEqual([
      ['minutes', ['a', 'b']],
      ['paper', ['big']],
    ])
  })

  it('tell the number of runs and the time of all of them, or that none is known', () => {
    expect(sizeOfPreset(preset('quick', 'minutes'))).toBe('6 runs')
    expect(timeOfPreset(outlook())).toBe('about 8 minutes')
    expect(timeOfPreset(outlook({ minutes: null }))).toBe('not measured here')
    expect(timeOfPreset(undefined)).toBe('')
  })

  it('tell what is missing in one note, and lead to where SmolLM2 is installed', () => {
    const notes = notesOfPreset(
      outlook({
        missing: [missing('pictures', 'a'), missing('pictures', 'b'), missing('language model', 'language.model')],
      }),
      1e9,
    )
    expect(notes.map(({ text, href }) => [text, href])).toEqual([
      ['Install SmolLM2', '/data/models'],
      ['pictures not here', null],
    ])
    expect(notes[1]?.detail).toBe('No a. Set it. No b. Set it.')
    const many = notesOfPreset(outlook({ missing: [missing('pictures', 'a'), missing('weights', 'b')] }), 1e9)
    expect(many).toMatchObject([{ text: '2 things not here' }])
  })

  it('say once for a group what all of its members lack', () => {
    const install = notesOfPreset(outlook({ missing: [missing('language model', 'language.model')] }), 1e9)
    const more = notesOfPreset(
      outlook({ missing: [missing('language model', 'language.model'), missing('weights', 'w')] }),
      1e9,
    )
    expect(commonNotes([install, more]).map(({ text }) => text)).toEqual(['Install SmolLM2'])
    expect(commonNotes([install, []])).toEqual([])
    expect(commonNotes([])).toEqual([])
  })

  it('say so if one run is larger than the machine', () => {
    expect(notesOfPreset(outlook({ memoryBytes: 2e9 }), 1e9)).toMatchObject([{ text: 'too large here' }])
    expect(notesOfPreset(outlook({ memoryBytes: 2e9 }), undefined)).toEqual([])
  })
})
