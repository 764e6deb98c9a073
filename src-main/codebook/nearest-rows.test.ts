import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { neighboursOf, squaredNorms } from './nearest-rows.ts'

const WIDTH = 3
const small = fc.integer({ min: -4, max: 4 })
const tables = fc
  .array(fc.tuple(small, small, small), { minLength: 1, maxLength: 20 })
  .map((rows) => Float32Array.from(rows.flat()))
const codes = fc.tuple(small, small, small).map((code) => Float32Array.from(code))

const row = (table: Float32Array, at: number) => table.subarray(at * WIDTH, (at + 1) * WIDTH)
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, at) => sum + value * (b[at] as number), 0)
/** Squared, and so exact for the whole numbers used here. */
const distance = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, at) => sum + (value - (b[at] as number)) ** 2, 0)

function neighbours(table: Float32Array, code: Float32Array, own: number, count: number) {
  const rows = table.length / WIDTH
  const products = Float32Array.from({ length: rows }, (_, at) => dot(code, row(table, at)))
  return neighboursOf(products, squaredNorms(table, WIDTH), dot(code, code), own, count)
}

describe('neighbours of a code among the language rows', () => {
  it('are the rows of least distance, near ones first and the lower row first of equals', () => {
    fc.assert(
      fc.property(tables, codes, fc.integer({ min: 1, max: 25 }), (table, code, count) => {
        const found = neighbours(table, code, -1, count)
        const expected = Array.from({ length: table.length / WIDTH }, (_, at) => at)
          .sort((a, b) => distance(code, row(table, a)) - distance(code, row(table, b)) || a - b)
          .slice(0, count)
        expect([...found.rows]).toEqual(expected)
        for (const [place, at] of expected.entries())
          expect(found.distances[place]).toBeCloseTo(Math.sqrt(distance(code, row(table, at))), 5)
        expect(found.rank).toBe(-1)
      }),
    )
  })

  it('rank the own row by how many rows are strictly nearer', () => {
    fc.assert(
      fc.property(tables, codes, fc.nat(), (table, code, any) => {
        const own = any % (table.length / WIDTH)
        const nearer = Array.from({ length: table.length / WIDTH }, (_, at) => at).filter(
          (at) => distance(code, row(table, at)) < distance(code, row(table, own)),
        )
        expect(neighbours(table, code, own, 0).rank).toBe(nearer.length)
      }),
    )
  })

  it('give a code on its own row rank 0 and distance 0, with an equal row beside it as well', () => {
    const table = Float32Array.from([1, 2, 3, 1, 2, 3, 0, 0, 9])
    const found = neighbours(table, Float32Array.from([1, 2, 3]), 1, 2)
    expect(found).toEqual({ rank: 0, rows: Int32Array.from([0, 1]), distances: Float32Array.from([0, 0]) })
  })
})
