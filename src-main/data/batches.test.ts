import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchIndices } from './batches.ts'

const setting = fc.record({
  indices: fc.uniqueArray(fc.nat(10_000), { minLength: 1, maxLength: 60 }),
  batchSize: fc.integer({ min: 1, max: 25 }),
  seed: fc.nat(),
})

test('each epoch visits every index once, also where batches straddle epochs', () => {
  fc.assert(
    fc.property(setting, ({ indices, batchSize, seed }) => {
      const epochs = 3
      const steps = Math.ceil((epochs * indices.length) / batchSize)
      const visited = Array.from({ length: steps }, (_, step) => batchIndices(indices, batchSize, seed, step)).flat()
      for (let epoch = 0; epoch < epochs; epoch++)
        expect(visited.slice(epoch * indices.length, (epoch + 1) * indices.length).sort((a, b) => a - b)).toEqual(
          [...indices].sort((a, b) => a - b),
        )
    }),
  )
})

test('a batch depends on the seed and the step alone, whatever was asked before', () => {
  fc.assert(
    fc.property(setting, fc.array(fc.nat(200)), fc.nat(200), ({ indices, batchSize, seed }, earlier, step) => {
      for (const other of earlier) batchIndices(indices, batchSize, seed, other)
      const batch = batchIndices(indices, batchSize, seed, step)
      expect(batch).toHaveLength(batchSize)
      expect(batchIndices([...indices], batchSize, seed, step)).toEqual(batch)
    }),
  )
})

test('seeds and epochs have orders of their own', () => {
  const indices = Array.from({ length: 50 }, (_, index) => index)
  const first = batchIndices(indices, 50, 1, 0)
  expect(batchIndices(indices, 50, 2, 0)).not.toEqual(first)
  expect(batchIndices(indices, 50, 1, 1)).not.toEqual(first)
})

test('every order of three is about as frequent', () => {
  const counts = new Map<string, number>()
  for (let step = 0; step < 6000; step++) {
    const order = batchIndices([0, 1, 2], 3, 4, step).join('')
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  expect(counts.size).toBe(6)
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130)
})

test('an empty list is refused', () => {
  expect(() => batchIndices([], 4, 0, 0)).toThrow('nothing to draw a batch from')
})
