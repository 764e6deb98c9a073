import { describe, expect, it } from 'vitest'
import type { SpeechEvent } from '../../../../src-shared/contract/multimodal.ts'
import {
  type Answer,
  choicesAt,
  continuedFrom,
  emptyAnswers,
  type PicturePart,
  paintedSoFar,
  withEvents,
} from './speech.ts'

const code = (answer: number, at: number, value: number): SpeechEvent => ({
  kind: 'code',
  answer,
  at,
  code: value,
  probability: 0.5,
  alternatives: [
    { code: value, probability: 0.5 },
    { code: value + 1, probability: 0.25 },
  ],
})
const pictureOf = (answer: Answer | undefined, part = 0) => answer?.parts[part] as PicturePart

describe('withEvents', () => {
  it('joins pieces of text, and keeps answers apart', () => {
    const answers = withEvents(emptyAnswers(2), [
      { kind: 'text', answer: 0, text: 'a red ' },
      { kind: 'text', answer: 1, text: 'no' },
      { kind: 'text', answer: 0, text: 'apple' },
      { kind: 'end', answer: 1, reason: 'closed', seconds: 0.5 },
    ])
    expect(answers).toEqual([
      { parts: [{ kind: 'text', text: 'a red apple' }], end: null },
      { parts: [{ kind: 'text', text: 'no' }], end: { reason: 'closed', seconds: 0.5 } },
    ])
  })
  it('paints a picture code by code, between texts', () => {
    const [answer] = withEvents(emptyAnswers(1), [
      { kind: 'text', answer: 0, text: 'here: ' },
      { kind: 'picture', answer: 0 },
      code(0, 0, 4),
      code(0, 1, 6),
      { kind: 'painted', answer: 0, codes: [[4], [6]] },
      { kind: 'text', answer: 0, text: ' done' },
    ])
    expect(answer?.parts.map(({ kind }) => kind)).toEqual(['text', 'picture', 'text'])
    expect(pictureOf(answer, 1).painted.map((one) => one?.code)).toEqual([4, 6])
    expect(pictureOf(answer, 1).codes).toEqual([[4], [6]])
  })
  it('begins a second picture after a whole one', () => {
    const [answer] = withEvents(emptyAnswers(1), [
      { kind: 'picture', answer: 0 },
      code(0, 0, 4),
      { kind: 'painted', answer: 0, codes: [[4]] },
      { kind: 'picture', answer: 0 },
      code(0, 0, 5),
    ])
    expect(answer?.parts).toHaveLength(2)
    expect(pictureOf(answer, 1).painted[0]?.code).toBe(5)
  })
  it('changes neither what it was given nor answers that nothing was said of', () => {
    const before = withEvents(emptyAnswers(2), [code(0, 0, 1), code(1, 0, 2)])
    const after = withEvents(before, [code(0, 1, 3)])
    expect(pictureOf(before[0]).painted).toHaveLength(1)
    expect(after[1]).toBe(before[1])
  })
  it('refuses an event of an answer that nobody asked for', () => {
    expect(() => withEvents(emptyAnswers(1), [code(1, 0, 1)])).toThrow('answer 1')
  })
})

describe('going on from a code', () => {
  const [first] = withEvents(emptyAnswers(1), [{ kind: 'picture', answer: 0 }, code(0, 0, 4), code(0, 1, 6)])
  const start = continuedFrom(pictureOf(first), 1, 7)
  it('keeps what is before it and takes the other code with its own probability', () => {
    expect(start.map((one) => [one.code, one.probability])).toEqual([
      [4, 0.5],
      [7, 0.25],
    ])
  })
  it('lets the picture go on where it was left, however much of its beginning is told again', () => {
    const told = withEvents(emptyAnswers(1, start), [{ kind: 'picture', answer: 0 }, code(0, 2, 9)])
    expect(told[0]?.parts).toHaveLength(1)
    expect(pictureOf(told[0]).painted.map((one) => one?.code)).toEqual([4, 7, 9])
    expect(pictureOf(withEvents(emptyAnswers(1, start), [code(0, 0, 4), code(0, 1, 7)])[0]).painted).toHaveLength(2)
  })
})

describe('choicesAt', () => {
  const place = {
    code: 9,
    probability: 0.05,
    alternatives: [
      { code: 2, probability: 0.2 },
      { code: 1, probability: 0.6 },
    ],
  }
  it('puts the likeliest first, and the painted one beside them', () => {
    const { choices, others } = choicesAt(place, 8)
    expect(choices.map((one) => one.code)).toEqual([1, 2, 9])
    expect(others).toBeCloseTo(0.15)
  })
})

it('adds up the likelihood of the codes that are there', () => {
  const [answer] = withEvents(emptyAnswers(1), [code(0, 0, 4), code(0, 1, 6)])
  expect(paintedSoFar(pictureOf(answer))).toEqual({ count: 2, nll: -2 * Math.log(0.5) })
})
