import { expect, it } from 'vitest'
import { mistakes } from './mistakes.ts'

it('finds the cells with another code', () => {
  expect(mistakes([1, 9, 3, 9], [1, 2, 3, 4])).toEqual([1, 3])
  expect(mistakes([1, 2], [1, 2])).toEqual([])
})
