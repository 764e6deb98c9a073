import { expect, test } from 'vitest'
import type { HeldOutAnswer } from '../../../src-shared/held-out-answers.ts'
import { sharedQuestions } from './shared-questions.ts'

const answer = (place: number, said: string, task: HeldOutAnswer['task'] = 'name'): HeldOutAnswer => ({
  task,
  place,
  turn: 0,
  question: 'What is this?',
  answer: 'A cat',
  said,
  right: said === 'A cat',
  blind: false,
})

test('questions that all were asked come with what each said, and say where some are right and some are not', () => {
  const shared = sharedQuestions([
    [answer(3, 'A cat'), answer(1, 'A dog'), answer(2, 'A cat')],
    [answer(1, 'A pig'), answer(3, 'A dog'), answer(2, 'A cat', 'choice')],
  ])
  expect(shared.map(({ said, differs }) => ({ said: said.map((one) => one.said), differs }))).toEqual([
    { said: ['A cat', 'A dog'], differs: true },
    { said: ['A dog', 'A pig'], differs: false },
  ])
})

test('one run shares all questions with itself; none share none', () => {
  expect(sharedQuestions([[answer(0, 'A cat')]])).toMatchObject([{ differs: false }])
  expect(sharedQuestions([])).toEqual([])
})
