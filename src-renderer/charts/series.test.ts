import { describe, expect, it } from 'vitest'
import { bandOf, extentOf, mergeLines, nearestIndex, valueAt } from './series.ts'

describe('mergeLines', () => {
  it('lays lines over the union of their x and leaves null where a line has no point', () => {
    const table = mergeLines([
      { x: [0, 10], y: [1, 2] },
      { x: [5, 10], y: [3, 4] },
    ])
    expect(table.x).toEqual([0, 5, 10])
    expect(table.columns).toEqual([
      [1, null, 2],
      [null, 3, 4],
    ])
  })
  it('gives an empty table for no lines', () => {
    expect(mergeLines([])).toEqual({ x: [], columns: [] })
  })
})

describe('valueAt', () => {
  const line = { x: [0, 10, 20], y: [0, 10, 40] }
  it('hits points exactly and is linear between them', () => {
    expect(valueAt(line, 10)).toBe(10)
    expect(valueAt(line, 15)).toBe(25)
  })
  it('is null outside the line and beside a gap', () => {
    expect(valueAt(line, -1)).toBeNull()
    expect(valueAt(line, 21)).toBeNull()
    expect(valueAt({ x: [0, 10], y: [1, null] }, 5)).toBeNull()
  })
})

describe('nearestIndex', () => {
  it('finds the closest point on either side', () => {
    expect(nearestIndex([0, 10, 20], 14)).toBe(1)
    expect(nearestIndex([0, 10, 20], 16)).toBe(2)
    expect(nearestIndex([0, 10, 20], 900)).toBe(2)
    expect(nearestIndex([], 3)).toBe(-1)
  })
})

describe('bandOf', () => {
  it('takes the mean and the sample standard deviation, and says how many lines reach each x', () => {
    const band = bandOf([
      { x: [0, 10], y: [1, 1] },
      { x: [0, 5], y: [3, 3] },
    ])
    expect(band.x).toEqual([0, 5, 10])
    expect(band.mean).toEqual([2, 2, 1])
    expect(band.std[0]).toBeCloseTo(Math.SQRT2, 12)
    expect(band.std[2]).toBeNull()
    expect(band.n).toEqual([2, 2, 1])
  })
})

describe('extentOf', () => {
  it('ignores gaps, infinities and what the caller leaves out', () => {
    expect(
      extentOf([
        [1, null, Number.NaN],
        [Number.POSITIVE_INFINITY, -2],
      ]),
    ).toEqual([-2, 1])
    expect(extentOf([[-2, 3]], (value) => value > 0)).toEqual([3, 3])
    expect(extentOf([[null]])).toBeNull()
  })
})
