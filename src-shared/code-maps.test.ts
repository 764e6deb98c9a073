import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeOrder, flattenCodes, unflattenCodes } from './code-maps.ts'

/** Sides of the maps of HQ, of RQ, and of a pyramid whose last layer repeats. */
const sidesOfMaps = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.array(fc.constantFrom(1, 2), { minLength: 0, maxLength: 3 }))
  .map(([coarsest, factors]) => {
    const sides = [coarsest]
    for (const factor of factors) sides.push((sides.at(-1) as number) * factor)
    return sides
  })

describe('the token order of a picture’s codes', () => {
  it('has every cell of every map once, and each just behind its parent or a sister’s descendants', () => {
    fc.assert(
      fc.property(sidesOfMaps, (sides) => {
        const order = codeOrder(sides)
        const cells = sides.reduce((sum, side) => sum + side * side, 0)
        expect(order).toHaveLength(cells)
        expect(new Set(order.map(({ layer, at }) => `${layer}:${at}`)).size).toBe(cells)
        // The last cell of each layer that was passed: the parent of whatever comes below it.
        const passed: number[] = []
        for (const { layer, at } of order) {
          const side = sides[layer] as number
          if (layer > 0) {
            const above = sides[layer - 1] as number
            const factor = side / above
            const [row, column] = [Math.floor(Math.floor(at / side) / factor), Math.floor((at % side) / factor)]
            expect(passed[layer - 1]).toBe(row * above + column)
          }
          passed[layer] = at
        }
      }),
    )
  })

  it('has the cells of the coarsest map, and the children of a cell, row by row', () => {
    fc.assert(
      fc.property(sidesOfMaps, (sides) => {
        const order = codeOrder(sides)
        const tops = order.filter(({ layer }) => layer === 0).map(({ at }) => at)
        expect(tops).toEqual(tops.map((_, at) => at))
        for (let layer = 1; layer < sides.length; layer++) {
          const [side, above] = [sides[layer] as number, sides[layer - 1] as number]
          const factor = side / above
          const within = order
            .filter((place) => place.layer === layer)
            .map(({ at }) => (Math.floor(at / side) % factor) * factor + ((at % side) % factor))
          expect(within).toEqual(within.map((_, at) => at % factor ** 2))
        }
      }),
    )
  })

  it('is depth first: of three doubling layers, each middle cell is followed by its own children', () => {
    const order = codeOrder([1, 2, 4]).map(({ layer, at }) => `${layer}:${at}`)
    expect(order.slice(0, 7)).toEqual(['0:0', '1:0', '2:0', '2:1', '2:4', '2:5', '1:1'])
    expect(order).toHaveLength(21)
  })

  it('gives all depths of a position before the next position', () => {
    expect(codeOrder([2, 2]).slice(0, 4)).toEqual([
      { layer: 0, at: 0 },
      { layer: 1, at: 0 },
      { layer: 0, at: 1 },
      { layer: 1, at: 1 },
    ])
  })

  it('goes from maps to tokens and back without loss', () => {
    fc.assert(
      fc.property(sidesOfMaps, fc.integer({ min: 0, max: 1e6 }), (sides, seed) => {
        const maps = sides.map((side, layer) =>
          Int32Array.from({ length: side * side }, (_, at) => seed + 1000 * layer + at),
        )
        expect(unflattenCodes(flattenCodes(maps, sides), sides)).toEqual(maps)
      }),
    )
  })
})
