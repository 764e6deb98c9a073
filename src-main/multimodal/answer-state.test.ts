import { expect, it } from 'vitest'
import { type AnswerRules, AnswerState } from './answer-state.ts'

const MARKER = 50
/** Codes are tokens from 100 on, two to a cell. */
const rules: AnswerRules = {
  tokens: {
    outputs: 200,
    tokenOf: (code) => 100 + code,
    codeOf: (token) => (token >= 100 ? token - 100 : -1),
    allowed: () => Int32Array.from({ length: 20 }, (_, code) => 100 + code),
  },
  slots: 2,
  marker: [MARKER],
  closing: new Set([0]),
}

it('takes a part of a picture as cells of the whole, each code at its slot', () => {
  const state = new AnswerState(rules, { from: 3, to: 5 })
  expect(state.take(MARKER).parts).toEqual([{ kind: 'picture' }])
  expect(state.missing).toBe(4)
  const taken = [107, 108, 109, 110].map((token) => state.take(token))
  expect(taken.map(({ position }) => position)).toEqual([
    { kind: 'code', code: 7, cell: 3, slot: 0 },
    { kind: 'code', code: 8, cell: 3, slot: 1 },
    { kind: 'code', code: 9, cell: 4, slot: 0 },
    { kind: 'code', code: 10, cell: 4, slot: 1 },
  ])
  expect(taken.at(-1)?.parts).toEqual([
    { kind: 'code', code: 10, at: 3 },
    { kind: 'picture-end', codes: Int32Array.of(7, 8, 9, 10) },
  ])
  expect(state.codes).toBeNull()
})

it('refuses a word within a picture', () => {
  const state = new AnswerState(rules, { from: 0, to: 1 })
  state.take(MARKER)
  expect(() => state.take(4)).toThrow('token 4 is no code that place 0 of a picture can hold')
})
