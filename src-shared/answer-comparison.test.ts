import { expect, test } from 'vitest'
import { compareAnswers, questionKey } from './answer-comparison.ts'
import type { HeldOutAnswer } from './held-out-answers.ts'

/** Answers to `count` questions, right where the flags say so, over and over. */
const answers = (flags: string, count = 40, task: HeldOutAnswer['task'] = 'scene-name'): HeldOutAnswer[] =>
  Array.from({ length: count }, (_, place) => {
    const right = flags[place % flags.length] === '1'
    return { task, place, turn: 0, question: `what is ${place} ?`, answer: 'a cat', said: '', right, blind: false }
  })
const arm = (label: string, ...seeds: HeldOutAnswer[][]) => ({
  label,
  runs: seeds.map((own, seed) => ({ seed, answers: own })),
})

test('a system that is right wherever the other is and beyond it is above the noise', () => {
  const [one] = compareAnswers(arm('hq', answers('1110')), arm('vq', answers('1000')))
  expect(one).toMatchObject({ task: 'scene-name', questions: 40, seeds: 1, a: 0.75, b: 0.25, verdict: 'larger' })
  expect(one?.difference?.mean).toBeCloseTo(0.5)
  expect(one?.sentence).toMatch(
    /^hq answers 50\.0 points more right than vq \(95 % interval \d+\.\d to \d+\.\d, paired bootstrap over 40 questions and one seed\): larger than the noise of questions; that of seeds is not in it\.$/,
  )
})

test('pairing tells what shares alone do not: one question more of the same ones, against others', () => {
  const few = (flags: string) => arm('', answers(flags, 16))
  const width = (a: string, b: string) => {
    const difference = compareAnswers(few(a), few(b))[0]?.difference
    return (difference?.high as number) - (difference?.low as number)
  }
  // Both 50 % against 50 %: the same questions right, and the other half of them.
  expect(width('10', '10')).toBe(0)
  expect(width('10', '01')).toBeGreaterThan(0.5)
})

test('seeds that disagree are noise', () => {
  const a = arm('a', answers('1'), answers('0'))
  const b = arm('b', answers('0'), answers('1'))
  expect(compareAnswers(a, b)[0]).toMatchObject({ a: 0.5, b: 0.5, seeds: 2, verdict: 'within' })
  const far = compareAnswers(arm('a', answers('1'), answers('1')), arm('b', answers('0'), answers('0')))[0]
  expect(far?.difference).toMatchObject({ mean: 1, low: 1, high: 1 })
  expect(far?.sentence).toContain('40 questions and 2 seeds')
})

test('runs of several seeds are paired by them, two single runs whatever theirs are', () => {
  const [x, y] = [answers('1'), answers('0')]
  const two = { label: 'a', runs: [0, 1].map((seed) => ({ seed, answers: x })) }
  expect(compareAnswers(two, { label: 'b', runs: [{ seed: 1, answers: y }] })[0]?.seeds).toBe(1)
  expect(compareAnswers(two, { label: 'b', runs: [{ seed: 7, answers: y }] })).toEqual([])
  const single = (seed: number, own: HeldOutAnswer[]) => ({ label: '', runs: [{ seed, answers: own }] })
  expect(compareAnswers(single(0, x), single(9, y))[0]).toMatchObject({ seeds: 1, a: 1, b: 0 })
})

test('only questions that both were asked count, and a task that one lacks is left out', () => {
  const a = answers('1', 10)
  const b = [...answers('0', 5), ...answers('1', 10, 'counting')]
  const other = b.map((one) => (one.place === 0 && one.task === 'scene-name' ? { ...one, answer: 'a dog' } : one))
  const compared = compareAnswers(arm('a', a), arm('b', other))
  expect(compared.map(({ task, questions }) => [task, questions])).toEqual([['scene-name', 4]])
  expect(questionKey(a[0] as HeldOutAnswer)).not.toBe(questionKey(other[0] as HeldOutAnswer))
})

test('one question has no interval, and the sentence says so', () => {
  const [one] = compareAnswers(arm('a', answers('1', 1)), arm('b', answers('0', 1)))
  expect(one).toMatchObject({ difference: null, verdict: 'unknown' })
  expect(one?.sentence).toBe('a answers 100.0 points more right than b, of one question: that says nothing.')
})
