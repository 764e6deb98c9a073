import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hqFlatten, hqTokenOrder, hqUnflatten } from './hq.ts'

const levelsAndSide = fc
  .tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 5 }))
  .map(([levels, coarsest]) => ({ levels, side: coarsest * 2 ** (levels - 1) }))

describe('the token order of a hierarchy', () => {
  it('has every cell of every map once, and each cell just before its own four children', () => {
    fc.assert(
      fc.property(levelsAndSide, ({ levels, side }) => {
        const order = hqTokenOrder(side, levels)
        const cells = Array.from({ length: levels }, (_, level) => (side / 2 ** level) ** 2).reduce((a, b) => a + b)
        expect(order.length).toBe(cells)
        expect(new Set(order.map((token) => JSON.stringify(token))).size).toBe(cells)
        // The last cell of each level that was passed: the parent of whatever comes below it.
        const passed: { row: number; column: number }[] = []
        for (const { level, row, column } of order) {
          const parent = passed[level - 1]
          if (level > 0) expect([Math.floor(row / 2), Math.floor(column / 2)]).toEqual([parent?.row, parent?.column])
          passed[level] = { row, column }
        }
      }),
    )
  })

  it('has the coarsest cells, and the four children of each cell, row by row', () => {
    fc.assert(
      fc.property(levelsAndSide, ({ levels, side }) => {
        const order = hqTokenOrder(side, levels)
        const coarsest = side / 2 ** (levels - 1)
        const tops = order.filter(({ level }) => level === 0)
        expect(tops.map(({ row, column }) => row * coarsest + column)).toEqual(tops.map((_, at) => at))
        for (let level = 1; level < levels; level++) {
          const quarters = order
            .filter((token) => token.level === level)
            .map(({ row, column }) => (row % 2) * 2 + (column % 2))
          expect(quarters).toEqual(quarters.map((_, at) => at % 4))
        }
      }),
    )
  })

  it('is depth first: of three levels, each middle cell is followed by its own children', () => {
    const order = hqTokenOrder(4, 3).map(({ level, row, column }) => `${level}:${row},${column}`)
    expect(order.slice(0, 7)).toEqual(['0:0,0', '1:0,0', '2:0,0', '2:0,1', '2:1,0', '2:1,1', '1:0,1'])
    expect(order).toHaveLength(21)
  })

  it('goes from maps to tokens and back without loss', () => {
    fc.assert(
      fc.property(levelsAndSide, fc.integer({ min: 0, max: 1e6 }), ({ levels, side }, seed) => {
        const maps = Array.from({ length: levels }, (_, level) =>
          Int32Array.from({ length: (side / 2 ** (levels - 1 - level)) ** 2 }, (_, at) => seed + 1000 * level + at),
        )
        const tokens = hqFlatten(maps, side)
        expect(tokens).not.toContain(undefined)
        expect(hqUnflatten(tokens, side, levels)).toEqual(maps)
      }),
    )
  })
})
