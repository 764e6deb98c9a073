import { describe, expect, it } from 'vitest'
import { codeNames } from './code-names.ts'

const vocabulary = ['<pad>', ' moon', '', 'cat\n', 'dog', 'sun']

describe('names of codes that are chosen rows of the vocabulary', () => {
  const names = codeNames(2, { vocabulary, ids: [1, 4] })

  it('number a code by its token id, and give it the text of that token', () => {
    expect([0, 1].map(names.number)).toEqual([1, 4])
    expect([0, 1].map(names.token)).toEqual([' moon', 'dog'])
    expect([0, 1].map(names.text)).toEqual(['␣moon', 'dog'])
  })

  it('find the row of a token id, and none for a token that is no code, even one that is a row', () => {
    expect(names.row(4)).toBe(1)
    expect(names.row(1)).toBe(0)
    expect(names.row(0)).toBeNull()
    expect(names.row(5)).toBeNull()
    expect(names.row(Number.NaN)).toBeNull()
  })

  it('know the text of the tokens that are no codes', () => {
    expect([2, 3, 99].map(names.tokenText)).toEqual(['(empty)', 'cat⏎', ''])
  })
})

describe('names of codes that are the whole vocabulary', () => {
  const names = codeNames(6, { vocabulary, ids: null })

  it('take row and token id for one', () => {
    expect(names.number(3)).toBe(3)
    expect(names.row(3)).toBe(3)
    expect(names.text(3)).toBe(names.tokenText(3))
    expect(names.independent).toBe(false)
  })

  it('find no row for a number that is no code', () => {
    expect([-1, 6, 1.5, Number.NaN].map(names.row)).toEqual([null, null, null, null])
  })
})

it('an independent codebook goes by its rows and has no text; tables that are not here yet say neither', () => {
  const independent = codeNames(10, { vocabulary: [], ids: null })
  expect([independent.number(7), independent.row(7), independent.text(7)]).toEqual([7, 7, ''])
  expect(independent.independent).toBe(true)
  const early = codeNames(10, undefined)
  expect([early.number(7), early.row(7), early.text(7), early.independent]).toEqual([7, 7, '', false])
})
