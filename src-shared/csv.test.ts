import { expect, it } from 'vitest'
import { toCsv } from './csv.ts'

it('quotes only fields that need it and doubles the quotes inside', () => {
  expect(toCsv(['step', 'a "b", c'], [[1, 0.5]])).toBe('step,"a ""b"", c"\r\n1,0.5\r\n')
})

it('writes missing values as empty fields and numbers at full precision', () => {
  expect(toCsv(['x', 'y'], [[null, 0.1 + 0.2]])).toBe('x,y\r\n,0.30000000000000004\r\n')
})
