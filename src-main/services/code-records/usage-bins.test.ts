import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binColumn, orderCodes, placesOfRow } from './usage-bins.ts'

const all = (count: number) => Int32Array.from({ length: count }, (_, code) => code)

describe('orderCodes', () => {
  it('puts the most used on top, ties by id, and codes without a value last', () => {
    const values = [3, Number.NaN, 9, 3, 0]
    expect([...orderCodes(all(5), 'usage', (code) => values[code] as number)]).toEqual([2, 0, 3, 4, 1])
  })

  it('lets first use rise, and leaves ids as they are', () => {
    const births = [40, Number.NaN, 0, 7]
    expect([...orderCodes(all(4), 'birth', (code) => births[code] as number)]).toEqual([2, 3, 0, 1])
    expect([...orderCodes(Int32Array.of(5, 1, 3), 'id', () => 0)]).toEqual([1, 3, 5])
  })
})

describe('binColumn', () => {
  it('shows a code that stands alone in a crowded row, and names it', () => {
    const hits = new Int32Array(1000)
    hits[777] = 4
    const { value, top } = binColumn(hits, { codes: all(1000), rows: 10 }, 'max')
    expect([...value]).toEqual([0, 0, 0, 0, 0, 0, 0, 4, 0, 0])
    expect(top[7]).toBe(777)
  })

  it('adds up to all hits whatever the number of rows, each code in exactly one row', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1000), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 64 }),
        (list, n) => {
          const rows = Math.min(n, list.length)
          const { value } = binColumn(Int32Array.from(list), { codes: all(list.length), rows }, 'sum')
          const ends = Array.from({ length: rows }, (_, row) => placesOfRow(row, rows, list.length))
          expect(value.reduce((a, b) => a + b, 0)).toBe(list.reduce((a, b) => a + b, 0))
          expect(ends[0]?.[0]).toBe(0)
          expect(ends.at(-1)?.[1]).toBe(list.length)
          expect(ends.every(([from, to]) => to > from)).toBe(true)
        },
      ),
    )
  })

  it('reduces the steps of one pixel column as it reduces codes, and names the code of the step with most', () => {
    const order = { codes: all(4), rows: 2 }
    const first = Int32Array.of(1, 5, 0, 2)
    const second = Int32Array.of(7, 0, 0, 1)
    const most = binColumn(second, order, 'max', binColumn(first, order, 'max'))
    expect([...most.value]).toEqual([7, 2])
    expect([...most.top]).toEqual([0, 3])
    expect([...binColumn(second, order, 'sum', binColumn(first, order, 'sum')).value]).toEqual([13, 3])
  })
})
