import { expect, it } from 'vitest'
import { codeNames } from '../../../pictures/code-names.ts'
import { namedCode } from './named-code.ts'

const names = codeNames(4, { vocabulary: ['sunny', 'sun', 'x3', ' the'], ids: null })

it('takes a number for the number of a code, not for part of a token', () => {
  expect(namedCode('3', names, 4)).toBe(3)
  expect(namedCode('9', names, 4)).toBeNull()
})
it('gives the token id where the codebook is some of the vocabulary', () => {
  const some = codeNames(2, { vocabulary: ['a', 'sun', 'moon', 'sea'], ids: [3, 1] })
  expect(namedCode('sun', some, 2)).toBe(1)
  expect(namedCode('sea', some, 2)).toBe(3)
  expect(namedCode('3', some, 2)).toBe(3)
  expect(namedCode('0', some, 2)).toBeNull()
})
it('takes a whole token before one that holds the text', () => {
  expect(namedCode('sun', names, 4)).toBe(1)
  expect(namedCode('unn', names, 4)).toBe(0)
  expect(namedCode('␣the', names, 4)).toBe(3)
  expect(namedCode('moon', names, 4)).toBeNull()
})
