import { expect, it } from 'vitest'
import { codeNumbers } from './code-numbers.ts'

const sides = [1, 2]

it('takes maps of each layer to rows in token order, and back', () => {
  const { rows, maps } = codeNumbers(sides, 10, null)
  expect([...rows([[9], [1, 2, 3, 4]])]).toEqual([9, 1, 2, 3, 4])
  expect(maps(rows([[9], [1, 2, 3, 4]]))).toEqual([[9], [1, 2, 3, 4]])
})

it('shows codes by their token ids where they are some of the vocabulary’s rows', () => {
  const { rows, maps, shown, row } = codeNumbers(sides, 3, Int32Array.of(5, 70, 900))
  expect([...rows([[900], [5, 70, 5, 5]])]).toEqual([2, 0, 1, 0, 0])
  expect(maps([2, 0, 1, 0, 0])).toEqual([[900], [5, 70, 5, 5]])
  expect([shown(1), row(70)]).toEqual([70, 1])
  expect(() => row(6)).toThrow('6 is no code of this run')
})

it('refuses maps of other layers and codes that are none', () => {
  const { rows, row } = codeNumbers(sides, 10, null)
  expect(() => rows([[1], [1, 2, 3]])).toThrow('code maps of 1 + 3 codes are not a picture of this run')
  expect(() => rows([[1]])).toThrow('code maps of 1 codes')
  expect(() => row(10)).toThrow('10 is no code of this run')
})
