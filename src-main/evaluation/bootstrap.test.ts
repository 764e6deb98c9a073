import { expect, it } from 'vitest'
import { createRandom } from '../data/random.ts'
import { bootstrapMean } from './bootstrap.ts'

const alone = (values: readonly number[]): string[] => values.map((_, at) => `${at}`)

it('is about as wide as the normal interval of many independent items', () => {
  const random = createRandom(1, 'items')
  const values = Array.from({ length: 400 }, () => Number(random.uniform() < 0.3))
  const { mean, low, high } = bootstrapMean(values, alone(values), createRandom(2, 'bootstrap'))
  const reach = 1.96 * Math.sqrt((mean * (1 - mean)) / 400)
  expect(mean - low).toBeGreaterThan(0.85 * reach)
  expect(mean - low).toBeLessThan(1.15 * reach)
  expect(high - mean).toBeGreaterThan(0.85 * reach)
  expect(high - mean).toBeLessThan(1.15 * reach)
})

it('is wider where items come in groups that agree, and has no width where all agree', () => {
  const values = Array.from({ length: 200 }, (_, at) => Number(at % 20 < 10))
  const width = (groups: string[]) => {
    const { low, high } = bootstrapMean(values, groups, createRandom(3, 'bootstrap'))
    return high - low
  }
  const grouped = values.map((_, at) => `${Math.floor(at / 10)}`)
  expect(width(grouped)).toBeGreaterThan(2 * width(alone(values)))
  expect(bootstrapMean([1, 1, 1], ['a', 'b', 'c'], createRandom(4, 'x'))).toEqual({ mean: 1, low: 1, high: 1 })
})

it('is the same for the same random numbers, and not defined without items', () => {
  const once = () => bootstrapMean([0, 1, 1, 0, 1], alone([0, 1, 1, 0, 1]), createRandom(5, 'bootstrap'))
  expect(once()).toEqual(once())
  expect(() => bootstrapMean([], [], createRandom(0, 'none'))).toThrow('no values')
})
