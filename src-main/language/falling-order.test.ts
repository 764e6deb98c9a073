import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fallingRun, heaviestRun, kthLargest } from './falling-order.ts'

/** Few values, so that most runs end in ties. */
const tied = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 200 })
const spread = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 200 })
const falling = (values: readonly number[]): number[] => values.toSorted((a, b) => b - a)

describe('the shortest run in falling order', () => {
  it('of k entries ends where a full sort would end it', () => {
    fc.assert(
      fc.property(fc.oneof(tied, spread), fc.nat(), (values, choice) => {
        const k = 1 + (choice % values.length)
        const sorted = falling(values)
        const key = sorted[k - 1] as number
        const ties = sorted.slice(0, k).filter((value) => value === key).length
        expect(fallingRun(Float64Array.from(values), 'entries', k)).toEqual({ key, ties })
      }),
    )
  })

  it('of a given sum ends where a full sort would end it', () => {
    fc.assert(
      fc.property(tied, fc.integer({ min: 1, max: 100 }), (values, share) => {
        // Whole numbers: their sums are exact in any order.
        const target = Math.ceil((values.reduce((sum, value) => sum + value, 0) * share) / 100)
        fc.pre(target > 0)
        let [sum, taken] = [0, 0]
        const sorted = falling(values)
        while (sum < target) sum += sorted[taken++] as number
        const key = sorted[taken - 1] as number
        const ties = sorted.slice(0, taken).filter((value) => value === key).length
        expect(fallingRun(Float64Array.from(values), 'sum', target)).toEqual({ key, ties })
      }),
    )
  })

  it('of a given sum is the same when it is sought octave by octave', () => {
    // Multiples of 2^-10, whose sums are exact in any order.
    const weight = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(0, 2 ** -10, 2 ** 20))
    fc.assert(
      fc.property(
        fc.array(weight, { minLength: 1, maxLength: 100 }),
        fc.double({ min: 0.001, max: 1 }),
        (list, share) => {
          const weights = Float64Array.from(list)
          const target = share * list.reduce((sum, value) => sum + value, 0)
          fc.pre(target > 0)
          expect(heaviestRun(weights, target)).toEqual(fallingRun(weights.slice(), 'sum', target))
          expect([...weights]).toEqual(list)
        },
      ),
    )
  })

  it('is the whole of the entries if they never reach the target', () => {
    expect(fallingRun(Float64Array.of(1, 3, 1, 2), 'sum', 100)).toEqual({ key: 1, ties: 2 })
    expect(fallingRun(Float64Array.of(5), 'entries', 9)).toEqual({ key: 5, ties: 1 })
  })

  it('is found in rows that are sorted, reversed or all alike, without looking at each pair', () => {
    const length = 200_000
    const rows = [(at: number) => at, (at: number) => length - at, () => 7]
    for (const row of rows) {
      const values = Float64Array.from({ length }, (_, at) => row(at))
      const { key } = fallingRun(values.slice(), 'entries', 1000)
      expect(key).toBe(values.toSorted()[length - 1000])
    }
  })
})

describe('the k-th largest', () => {
  it('of many values, infinities and ties among them, is that of a full sort', () => {
    const value = fc.oneof(
      fc.float({ noNaN: true }),
      fc.integer({ min: -3, max: 3 }),
      fc.constant(Number.NEGATIVE_INFINITY),
    )
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3000, size: 'max' }), fc.nat(), (values, choice) => {
        const k = 1 + (choice % values.length)
        expect(kthLargest(Float32Array.from(values), k) + 0).toBe(Math.fround(falling(values)[k - 1] as number) + 0)
      }),
      { numRuns: 60 },
    )
  })
})
