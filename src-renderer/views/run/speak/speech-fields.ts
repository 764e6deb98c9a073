import { type SpeechSettings, speechSettingsSchema } from '../../../../src-shared/contract/multimodal.ts'

/** Settings of an answer as they stand in their fields: numbers, or text that is none yet; '' where a setting may be off. */
export interface SpeechFields {
  text: SamplingFields
  codes: SamplingFields
  guidance: number | string
  seed: number | string
  newTokens: number | string
  answers: number | string
}
export interface SamplingFields {
  temperature: number | string
  topK: number | string
  topP: number | string
}

/** Text as the model finds it likeliest, pictures drawn from what it holds for likely. */
export const firstFields = (newTokens: number): SpeechFields => ({
  text: { temperature: 0, topK: '', topP: '' },
  codes: { temperature: 1, topK: '', topP: 0.95 },
  guidance: 1,
  seed: 0,
  newTokens,
  answers: 1,
})

const MOST_ANSWERS = 16
const orOff = (value: number | string) => (value === '' ? null : value)
const sampling = ({ temperature, topK, topP }: SamplingFields) => ({
  temperature,
  topK: orOff(topK),
  topP: orOff(topP),
})

const RANGES: Record<string, string> = {
  temperature: '0 to 10; 0 takes the likeliest',
  topK: 'a whole number from 1; empty for no limit',
  topP: 'above 0, up to 1; empty for no limit',
  guidance: '0 to 30; 1 for none',
  seed: 'a whole number from 0',
  newTokens: 'a whole number from 1 to 2,048',
  answers: `a whole number from 1 to ${MOST_ANSWERS}`,
}

/**
 * The settings that the fields write, or null and what is wrong with each, by its path ("text.topK") as what it may be.
 */
export function readFields(fields: SpeechFields): {
  settings: SpeechSettings | null
  answers: number
  problems: Record<string, string>
} {
  const { text, codes, answers, ...rest } = fields
  const parsed = speechSettingsSchema.safeParse({ ...rest, text: sampling(text), codes: sampling(codes) })
  const problems: Record<string, string> = {}
  for (const { path } of parsed.error?.issues ?? [])
    problems[path.join('.')] = RANGES[String(path.at(-1))] ?? 'is not what it may be'
  const isCount = typeof answers === 'number' && Number.isInteger(answers) && answers >= 1 && answers <= MOST_ANSWERS
  if (!isCount) problems.answers = RANGES.answers as string
  return {
    settings: parsed.success && isCount ? parsed.data : null,
    answers: isCount ? answers : 1,
    problems,
  }
}
