import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../data/random.ts'
import { chooseRows, type RowFacts } from './choose-rows.ts'

const facts = (norms: number[], frequencies: number[] = norms.map(() => 1), seed = 1): RowFacts => ({
  norms: Float64Array.from(norms),
  frequencies: Int32Array.from(frequencies),
  random: createRandom(seed, 'rows'),
})
const chosen = (rows: 'smallest-norm' | 'frequent' | 'random', size: number, given: RowFacts, normFloor = 0.3) => [
  ...chooseRows({ rows, size, normFloor }, given).ids,
]

describe('the rows that become codes', () => {
  it('are the shortest that are not below the floor, in the order of their ids', () => {
    // The median is 4, and so the floor 2: row 1 is passed over.
    expect(chosen('smallest-norm', 2, facts([5, 1, 3, 4, 4]), 0.5)).toEqual([2, 3])
  })

  it('are the tokens that the texts use most, and the lowest ids of those they never use', () => {
    const given = facts([1, 1, 1, 1, 1], [0, 7, 0, 9, 0])
    expect(chosen('frequent', 4, given)).toEqual([0, 1, 2, 3])
    expect(chooseRows({ rows: 'frequent', size: 4, normFloor: 0 }, given).sentence).toMatch(
      /2 of them occur in no text/,
    )
  })

  it('are drawn by the seed alone where they are drawn', () => {
    const norms = Array.from({ length: 100 }, () => 1)
    expect(chosen('random', 10, facts(norms))).toEqual(chosen('random', 10, facts(norms)))
    expect(chosen('random', 10, facts(norms))).not.toEqual(chosen('random', 10, facts(norms, norms, 2)))
  })

  it('are K different ids, ascending, for any table and way of choosing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 9, noNaN: true }), { minLength: 2, maxLength: 40 }),
        fc.constantFrom('smallest-norm' as const, 'frequent' as const, 'random' as const),
        fc.nat(),
        (norms, rows, any) => {
          const size = 1 + (any % norms.length)
          const ids = chosen(rows, size, facts(norms), 0)
          expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
          expect(ids).toHaveLength(size)
          expect(ids.every((id) => id >= 0 && id < norms.length)).toBe(true)
        },
      ),
    )
  })

  it('are an error that names the setting where there are not enough', () => {
    expect(() => chosen('frequent', 6, facts([1, 1]))).toThrow(
      /codebook\.size: 6 rows are more than the vocabulary's 2/,
    )
    expect(() => chosen('smallest-norm', 3, facts([1, 5, 5]), 0.9)).toThrow(/codebook\.normFloor: only 2 of 3 rows/)
  })
})
