import { describe, expect, it } from 'vitest'
import { cellsOfOrder, codeCount, mapsOfOrder, placesInOrder, unknownCells, withoutGaps } from './token-order.ts'

/** Two layers: one coarse cell of four children for each of four cells. */
const SIDES = [2, 4]

describe('token order', () => {
  it('puts each coarse code before its four children', () => {
    const [coarse, fine] = placesInOrder(SIDES)
    expect([...(coarse ?? [])]).toEqual([0, 5, 10, 15])
    expect([0, 1, 4, 5].map((cell) => fine?.[cell])).toEqual([1, 2, 3, 4])
    expect(codeCount(SIDES)).toBe(20)
  })
  it('brings numbers to their cells', () => {
    const [coarse, fine] = mapsOfOrder(
      Array.from({ length: 20 }, (_, at) => at / 2),
      SIDES,
    )
    expect([...(coarse ?? [])]).toEqual([0, 2.5, 5, 7.5])
    expect(fine?.[15]).toBe(9.5)
  })
})

describe('a picture that is half painted', () => {
  const maps = cellsOfOrder([7, 1, 2, 3, 4, 8, 5], SIDES)
  it('has gaps where codes are still to come', () => {
    expect(maps[0]).toEqual([7, 8, null, null])
    expect(maps[1]?.slice(0, 6)).toEqual([1, 2, 5, null, 3, 4])
  })
  it('does not know the pixels of a cell unless all layers are there', () => {
    const unknown = unknownCells(maps, SIDES)
    expect(unknown.slice(0, 8)).toEqual([false, false, false, true, false, false, true, true])
    expect(unknown.slice(8).every(Boolean)).toBe(true)
  })
  it('is filled up with the code before a gap, or the first of the layer, to be decoded', () => {
    expect(withoutGaps(maps, () => 9)[0]).toEqual([7, 8, 8, 8])
    expect(withoutGaps([[null, 3]], () => 9)).toEqual([[9, 3]])
  })
})
