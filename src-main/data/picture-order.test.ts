import fc from 'fast-check'
import { expect, test } from 'vitest'
import { permutation } from './permutation.ts'
import { drawsByWeight, pictureOrder, WINDOW_BLOCKS } from './picture-order.ts'

const all = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, at) => at)
const epochOf = (order: ReturnType<typeof pictureOrder>, epoch: number): number[] =>
  Array.from({ length: order.epoch }, (_, at) => order.at(epoch * order.epoch + at).picture)
const sorted = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b)

test('a permutation holds every number once, for any length', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(), (n, seed) => {
      const order = permutation(n, seed)
      expect(new Set(Array.from({ length: n }, (_, place) => order(place))).size).toBe(n)
    }),
    { numRuns: 60 },
  )
})

test('a permutation of a million is scattered, and another with each seed', () => {
  const [one, two] = [permutation(1e6, 1, 'epoch', 0), permutation(1e6, 2, 'epoch', 0)]
  const places = Array.from({ length: 1000 }, (_, place) => place)
  const first = places.map(one)
  expect(new Set(first.map((number) => Math.floor(number / 1e5))).size).toBe(10)
  expect(
    places.filter((place) => place > 0 && (first[place] as number) > (first[place - 1] as number)).length,
  ).toBeGreaterThan(400)
  expect(first.filter((number, place) => number === two(place)).length).toBeLessThan(5)
})

test('each epoch holds every chosen picture once, in an order of its own', () => {
  const chosen = all(500).filter((at) => at % 3 === 0)
  const order = pictureOrder({ count: 500 }, chosen, 7)
  expect(order.epoch).toBe(chosen.length)
  for (const epoch of [0, 1, 5]) expect(sorted(epochOf(order, epoch))).toEqual([...chosen])
  expect(epochOf(order, 0)).not.toEqual(epochOf(order, 1))
  expect(order.at(2 * order.epoch + 1).epoch).toBe(2)
})

test('pictures stored in blocks are drawn from a stated number of blocks at a time, and all of them in an epoch', () => {
  const count = 10_000
  const blocks = Uint32Array.from([...Array.from({ length: 1000 }, (_, at) => at * 10), count])
  const order = pictureOrder({ count, blocks }, all(count), 3)
  const epoch = epochOf(order, 1)
  expect(sorted(epoch)).toEqual([...all(count)])
  for (let from = 0; from < count; from += WINDOW_BLOCKS * 10) {
    const used = new Set(epoch.slice(from, from + WINDOW_BLOCKS * 10).map((picture) => Math.floor(picture / 10)))
    expect(used.size).toBeLessThanOrEqual(WINDOW_BLOCKS)
  }
  // Within a window neighbours do not follow each other.
  expect(epoch.filter((picture, at) => at > 0 && picture === (epoch[at - 1] as number) + 1).length).toBeLessThan(
    count / 20,
  )
  const near = Array.from({ length: 30 }, (_, attempt) => order.instead(5, attempt + 1).picture)
  const window = new Set(epochOf(order, 0).slice(0, WINDOW_BLOCKS * 10))
  expect(near.every((picture) => window.has(picture))).toBe(true)
})

test('a limit leaves blocks whole and drops those without a chosen picture', () => {
  const blocks = Uint32Array.from([0, 10, 20, 30])
  const chosen = Uint32Array.of(3, 4, 25, 29)
  expect(sorted(epochOf(pictureOrder({ count: 30, blocks }, chosen, 0), 0))).toEqual([...chosen])
})

test('the parts of a mixture are drawn by weight, each in epochs of its own', () => {
  const parts = [
    { from: 0, to: 100, weight: 3 },
    { from: 100, to: 110, weight: 1 },
  ]
  const order = pictureOrder({ count: 110, parts }, all(110), 1)
  const drawn = Array.from({ length: 4000 }, (_, position) => order.at(position).picture)
  const second = drawn.filter((picture) => picture >= 100)
  expect(second.length / drawn.length).toBeCloseTo(0.25, 1)
  for (let epoch = 0; epoch + 10 <= second.length; epoch += 10)
    expect(sorted(second.slice(epoch, epoch + 10))).toEqual(Array.from({ length: 10 }, (_, at) => 100 + at))
})

test('a draw far on is the same whether it is come upon or asked for at once', () => {
  const weights = [2, 5, 1]
  const walked = drawsByWeight(weights, 9)
  const places = [0, 1, 65_535, 65_536, 200_000, 70_000]
  const one = places.map(walked)
  expect(places.map((place) => drawsByWeight(weights, 9)(place))).toEqual(one)
  const counts = [0, 0, 0]
  const step = drawsByWeight(weights, 9)
  for (let position = 0; position < 70_000; position++) {
    const { part, nth } = step(position)
    expect(nth).toBe(counts[part])
    counts[part] = nth + 1
  }
})
