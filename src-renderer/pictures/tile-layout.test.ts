import { expect, it } from 'vitest'
import { tileLayout } from './tile-layout.ts'

it('puts five tiles into two rows of a landscape box, and into one row of a flat one', () => {
  expect(tileLayout(5, 900, 560, 8, 20, 120).columns).toBe(3)
  expect(tileLayout(5, 1500, 320, 8, 20, 120).columns).toBe(5)
})

it('never makes the tiles overflow a box that has room for them', () => {
  const { columns, size } = tileLayout(11, 860, 560, 8, 20, 100)
  expect(columns * size + (columns - 1) * 8).toBeLessThanOrEqual(860)
  const rows = Math.ceil(11 / columns)
  expect(rows * (size + 20) + (rows - 1) * 8).toBeLessThanOrEqual(560)
})

it('keeps tiles readable when there is too little room, leaving the rest to scrolling', () => {
  expect(tileLayout(19, 500, 200, 8, 20, 120)).toEqual({ columns: 3, size: 120 })
})
