import { expect, it } from 'vitest'
import { findCodes } from './find-codes.ts'

const tokens = ['<pad>', ' Moon', 'moon7', '\n', '12', 'sun']
const find = (text: string) => {
  const found = findCodes(text, tokens, tokens.length)
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

it('is no filter while nothing is typed, and finds ids where codes have no tokens', () => {
  expect(find('  ')).toBeNull()
  expect([...(findCodes('3', [], 10) ?? [])]).toEqual([3])
})
