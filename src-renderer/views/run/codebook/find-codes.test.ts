import { expect, it } from 'vitest'
import { codeNames } from '../../../pictures/code-names.ts'
import { findCodes } from './find-codes.ts'

const vocabulary = ['<pad>', ' Moon', 'moon7', '\n', '12', 'sun']
const names = codeNames(vocabulary.length, { vocabulary, ids: null })
const find = (text: string, among = names, size = vocabulary.length) => {
  const found = findCodes(text, among, size)
  return found && [...found]
}

it('finds tokens by their text whatever the case, and spaces as they are typed or shown', () => {
  expect(find('moon')).toEqual([1, 2])
  expect(find('␣moon')).toEqual([1])
  expect(find('⏎')).toEqual([3])
  expect(find('nothing')).toEqual([])
})

it('takes digits as an id, and as text of a token too', () => {
  expect(find('5')).toEqual([5])
  expect(find('12')).toEqual([4])
  expect(find('7')).toEqual([2])
})

it('takes digits as a token id, not as a row, where the codes are chosen rows', () => {
  const chosen = codeNames(3, { vocabulary, ids: [1, 3, 5] })
  expect(find('3', chosen, 3)).toEqual([1])
  expect(find('5', chosen, 3)).toEqual([2])
  expect(find('0', chosen, 3)).toEqual([])
  expect(find('moon', chosen, 3)).toEqual([0])
})

it('is no filter while nothing is typed, and finds ids where codes have no tokens', () => {
  expect(find('  ')).toBeNull()
  expect(find('3', codeNames(10, { vocabulary: [], ids: null }), 10)).toEqual([3])
})
