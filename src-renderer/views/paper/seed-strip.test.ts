import { expect, it } from 'vitest'
import type { MeasuredFigure, PaperTableView } from '../../../src-shared/contract/paper.ts'
import { cellAddress, parseCellAddress } from './cell-address.ts'
import { columnDomain, stripPlace } from './seed-strip.ts'

const figure = (values: number[], low: number | null, high: number | null) =>
  ({ values: values.map((value) => ({ value })), low, high }) as unknown as MeasuredFigure

it('lays the seeds and intervals of all rows of a column on one scale', () => {
  expect(columnDomain([figure([1, 3], 0.5, 3), null, figure([7], null, null)])).toEqual([0.5, 7])
  expect(columnDomain([null, null])).toBeNull()
  expect(columnDomain([figure([Number.NaN], null, null)])).toBeNull()
  expect([0, 5, 10].map((value) => stripPlace(value, [0, 10], 60, 5))).toEqual([5, 30, 55])
  expect(stripPlace(4, [4, 4], 60, 5)).toBe(30)
})

it('finds the cell of an address, and none where the table has no such row or column', () => {
  const view = { rows: [{}, {}], columns: [{ key: 'CC3M FID' }] } as unknown as PaperTableView
  expect(parseCellAddress(cellAddress(1, 'CC3M FID'), view)).toEqual({ row: 1, column: 'CC3M FID' })
  for (const text of ['', '2|CC3M FID', '1|FID', 'x|CC3M FID', '|CC3M FID'])
    expect(parseCellAddress(text, view)).toBeNull()
})
