import { expect, it } from 'vitest'
import { outlinePath } from './cell-outline.ts'

const GRID = { rows: 4, columns: 4 }
const lines = (cells: number[]) => outlinePath(cells, GRID, 40).split('M').length - 1

it('goes around cells that lie together, not between them', () => {
  expect(lines([5])).toBe(4)
  expect(lines([5, 6])).toBe(6)
  expect(lines([5, 6, 9, 10])).toBe(8)
})
it('does not take the end of a row and the beginning of the next for neighbours', () => {
  expect(lines([3, 4])).toBe(8)
})
it('stays inside the tile', () => {
  const numbers = [...outlinePath([0, 15], GRID, 40).matchAll(/[\d.]+/g)].map(Number)
  expect(Math.min(...numbers)).toBeGreaterThan(0)
  expect(Math.max(...numbers)).toBeLessThan(40)
})
