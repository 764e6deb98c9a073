import { expect, it } from 'vitest'
import { firstFields, readFields } from './speech-fields.ts'

it('reads the settings that a view begins with', () => {
  expect(readFields(firstFields(64))).toEqual({
    settings: {
      text: { temperature: 0, topK: null, topP: null },
      codes: { temperature: 1, topK: null, topP: 0.95 },
      guidance: 1,
      seed: 0,
      newTokens: 64,
    },
    answers: 1,
    problems: {},
  })
})

it('says by its path what a setting may be', () => {
  const fields = firstFields(64)
  const { settings, problems } = readFields({
    ...fields,
    text: { ...fields.text, topK: 0.5 },
    codes: { ...fields.codes, temperature: 'warm' },
    answers: 17,
  })
  expect(settings).toBeNull()
  expect(problems).toEqual({
    'text.topK': 'a whole number from 1; empty for no limit',
    'codes.temperature': '0 to 10; 0 takes the likeliest',
    answers: 'a whole number from 1 to 16',
  })
})
