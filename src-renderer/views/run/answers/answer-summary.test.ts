import { expect, test } from 'vitest'
import type { HeldOutAnswer } from '../../../../src-shared/held-out-answers.ts'
import { answerKey, questionText, summarise } from './answer-summary.ts'

const answer = (changes: Partial<HeldOutAnswer>): HeldOutAnswer => ({
  task: 'yes-no',
  place: 0,
  turn: 0,
  question: '<image>\nIs it?',
  answer: 'Yes',
  said: 'Yes',
  right: true,
  blind: false,
  ...changes,
})

test('tasks have their shares, the commonest answer, and whether the picture helped beyond chance', () => {
  const answers = [
    ...Array.from({ length: 60 }, (_, at) =>
      answer({ place: at, answer: at % 2 === 0 ? 'Yes' : 'No', right: at >= 6, blind: at % 3 === 0 }),
    ),
    answer({ task: 'name', answer: 'A cat', said: 'A dog', right: false }),
  ]
  const [name, yesNo, ...more] = summarise(answers)
  expect(more).toEqual([])
  expect(name).toMatchObject({ task: 'name', count: 1, commonest: { answer: 'A cat', share: 1 }, isAbove: false })
  expect(yesNo).toMatchObject({ task: 'yes-no', count: 60, commonest: { answer: 'Yes', share: 0.5 }, isAbove: true })
  expect(yesNo?.right.share).toBe(0.9)
  expect(yesNo?.blind.share).toBeCloseTo(1 / 3)
})

test('a share whose interval reaches down to a baseline is not above it', () => {
  const answers = Array.from({ length: 20 }, (_, at) =>
    answer({ place: at, answer: at % 2 === 0 ? 'Yes' : 'No', right: at < 13 }),
  )
  expect(summarise(answers)[0]).toMatchObject({ isAbove: false })
  expect(summarise([])).toEqual([])
})

test('questions are read without the places of pictures', () => {
  expect(questionText('<image>\nIs it?')).toBe('Is it?')
  expect(answerKey(answer({ place: 3, turn: 1 }))).toBe('yes-no.3.1')
})
