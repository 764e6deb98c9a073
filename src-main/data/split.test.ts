import fc from 'fast-check'
import { expect, test } from 'vitest'
import { limited, splitByConcept } from './split.ts'

const concepts = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 30, maxLength: 80 })
const pictures = (names: string[]) => names.map((concept) => ({ concept }))
const names = (list: { concept: string }[], side: number[]) => new Set(side.map((index) => list[index]?.concept))

test('where a concept falls depends on neither the order nor the rest of the set', () => {
  fc.assert(
    fc.property(concepts, fc.nat(), (list, splitSeed) => {
      const side = (part: string[]) => {
        const set = pictures(part)
        return names(set, splitByConcept(set, { heldOut: 0.5, splitSeed }).heldOut)
      }
      const whole = side(list)
      expect(side([...list].reverse())).toEqual(whole)
      const half = list.slice(0, 25)
      expect(side(half)).toEqual(new Set(half.filter((name) => whole.has(name))))
    }),
  )
})

test('a larger share keeps what a smaller one held out', () => {
  const list = pictures(Array.from({ length: 500 }, (_, n) => `concept ${n}`))
  const small = splitByConcept(list, { heldOut: 0.1, splitSeed: 3 })
  const large = splitByConcept(list, { heldOut: 0.3, splitSeed: 3 })
  expect(large.heldOut).toEqual(expect.arrayContaining(small.heldOut))
  expect(splitByConcept(list, { heldOut: 0.1, splitSeed: 4 }).heldOut).not.toEqual(small.heldOut)
})

test('nothing is held out at 0, and a side left empty by chance is an error that says what to change', () => {
  const one = pictures(['lonely'])
  expect(splitByConcept(one, { heldOut: 0, splitSeed: 0 })).toEqual({ training: [0], heldOut: [] })
  expect(() => splitByConcept(one, { heldOut: 0.0001, splitSeed: 0 })).toThrow(
    /1 are for training and 0 held out.*data\.heldOut/,
  )
  expect(() => splitByConcept(one, { heldOut: 1, splitSeed: 0 })).toThrow(/0 are for training/)
})

test('a limit takes a seeded choice in the order of the source, and a smaller limit takes part of it', () => {
  const listing = { count: 100, id: (at: number) => `picture ${at}` }
  const forty = [...limited(listing, { limit: 40, splitSeed: 1 })]
  expect(forty).toHaveLength(40)
  expect(forty).toEqual(forty.toSorted((a, b) => a - b))
  expect(forty).not.toEqual(Array.from({ length: 40 }, (_, at) => at))
  expect(forty).toEqual(expect.arrayContaining([...limited(listing, { limit: 10, splitSeed: 1 })]))
  expect([...limited(listing, { limit: 40, splitSeed: 2 })]).not.toEqual(forty)
  expect([...limited(listing, { limit: 0, splitSeed: 1 })]).toEqual(Array.from({ length: 100 }, (_, at) => at))
})
