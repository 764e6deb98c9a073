import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src-shared/parse-config.ts'
import { readPresets } from '../services/presets.ts'
import { listPrograms } from '../training/programs-listing.ts'
import { chosenPrograms, irText } from './print-ir.ts'

const quick = readPresets().find(({ id }) => id === 'quick')?.baseline
const listings = await listPrograms(parseConfig(quick), 40)

describe('--print-ir', () => {
  it('lists every program of a run before and after the passes, by model line', () => {
    expect(listings.map(({ program }) => program)).toEqual([
      'tokenizer step',
      'language step',
      'sync',
      'reconstruct',
      'language loss',
      'drift',
      'products',
    ])
    const text = irText(chosenPrograms(listings, true))
    for (const { program, calls } of listings) {
      expect(text).toContain(`═══ ${program}: as traced, ${calls.traced} calls\ninputs\n`)
      expect(text).toContain(`═══ ${program}: after the passes, ${calls.optimised} calls\ninputs\n`)
      expect(calls.optimised).toBeLessThanOrEqual(calls.traced)
    }
    expect(text).toMatch(/^src-main\/language\/llama\.ts:\d+$/m)
    expect(text).toMatch(/Attention\(%\d+, %\d+, %\d+\) {2}causal/)
    expect(text).toMatch(/Conv2D\(%\d+, tokenizer\.\S+/)
  })

  it('lists one program by its name, however it is written', () => {
    for (const name of ['language step', 'languageStep', 'language-step'])
      expect(chosenPrograms(listings, name).map(({ program }) => program)).toEqual(['language step'])
  })

  it('names the nearest program for one that there is not', () => {
    expect(() => chosenPrograms(listings, 'tokenizer stop')).toThrow(/did you mean "tokenizer step"\? There are: /)
  })
})
