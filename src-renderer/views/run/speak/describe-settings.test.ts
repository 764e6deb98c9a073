import { expect, it } from 'vitest'
import { describeSettings } from './describe-settings.ts'

const settings = {
  text: { temperature: 0, topK: null, topP: null },
  codes: { temperature: 0.8, topK: 40, topP: null },
  guidance: 3,
  seed: 7,
  newTokens: 64,
}

it('says in a line how answers were drawn', () => {
  expect(describeSettings(settings, false)).toBe('text greedy · codes temperature 0.8, top-k 40, guidance 3 · seed 7')
  expect(describeSettings({ ...settings, guidance: 1 }, true)).toBe('codes temperature 0.8, top-k 40 · seed 7')
})
