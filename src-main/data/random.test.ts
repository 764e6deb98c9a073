import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from './random.ts'

const draw = (count: number, next: () => number): number[] => Array.from({ length: count }, next)
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
function correlation(a: number[], b: number[]): number {
  const [ma, mb] = [mean(a), mean(b)]
  const covariance = mean(a.map((value, at) => (value - ma) * ((b[at] as number) - mb)))
  return covariance / Math.sqrt(mean(a.map((v) => (v - ma) ** 2)) * mean(b.map((v) => (v - mb) ** 2)))
}

test('the same seed and stream give the same numbers', () => {
  fc.assert(
    fc.property(fc.nat(), fc.string(), fc.nat(), (seed, name, step) => {
      const [a, b] = [createRandom(seed, name, step), createRandom(seed, name, step)]
      return draw(8, a.uniform).every((value) => value === b.uniform())
    }),
  )
})

test('uniform numbers fill [0, 1) evenly', () => {
  const random = createRandom(7, 'even')
  const bins = new Array<number>(64).fill(0)
  const values = draw(64_000, random.uniform)
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
  for (const value of values) bins[Math.floor(value * 64)] = (bins[Math.floor(value * 64)] as number) + 1
  const chiSquare = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
  // 63 degrees of freedom: 112 is exceeded once in 10,000 sources.
  expect(chiSquare).toBeLessThan(112)
})

test('the first numbers of neighbouring seeds and steps are as even as one stream', () => {
  for (const first of [
    (n: number) => createRandom(n, 'a').uniform(),
    (n: number) => createRandom(0, 'a', n).uniform(),
    (n: number) => createRandom(0, `concept ${n}`).uniform(),
  ]) {
    const values = Array.from({ length: 8000 }, (_, n) => first(n))
    const bins = new Array<number>(16).fill(0)
    for (const value of values) bins[Math.floor(value * 16)] = (bins[Math.floor(value * 16)] as number) + 1
    // 15 degrees of freedom: 44 is exceeded once in 10,000 sources.
    expect(bins.reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0)).toBeLessThan(44)
    expect(Math.abs(correlation(values.slice(1), values.slice(0, -1)))).toBeLessThan(0.05)
  }
})

test('streams that differ in one part are independent', () => {
  const pairs = [
    [createRandom(1, 'x'), createRandom(2, 'x')],
    [createRandom(1, 'x'), createRandom(1, 'y')],
    [createRandom(1, 'x', 1), createRandom(1, 'x', 2)],
    [createRandom(1, 'x', 1), createRandom(1, 'x', '1')],
    [createRandom(1, 'ab', 'c'), createRandom(1, 'a', 'bc')],
  ] as const
  for (const [a, b] of pairs)
    expect(Math.abs(correlation(draw(20_000, a.uniform), draw(20_000, b.uniform)))).toBeLessThan(0.03)
})

test('successive numbers of one stream are independent', () => {
  const values = draw(40_000, createRandom(3, 'lag').uniform)
  for (const lag of [1, 2, 3, 7])
    expect(Math.abs(correlation(values.slice(lag), values.slice(0, -lag)))).toBeLessThan(0.025)
})

test('normal numbers have mean 0, variance 1 and no skew', () => {
  const values = draw(40_000, createRandom(5, 'normal').normal)
  expect(values.every(Number.isFinite)).toBe(true)
  expect(Math.abs(mean(values))).toBeLessThan(0.025)
  expect(Math.abs(mean(values.map((value) => value ** 2)) - 1)).toBeLessThan(0.035)
  expect(Math.abs(mean(values.map((value) => value ** 3)))).toBeLessThan(0.06)
  expect(values.filter((value) => Math.abs(value) > 1.96).length / values.length).toBeCloseTo(0.05, 2)
})

test('integers below n are all reached, evenly', () => {
  const random = createRandom(9, 'int')
  const counts = new Array<number>(7).fill(0)
  for (const value of draw(14_000, () => random.int(7))) counts[value] = (counts[value] as number) + 1
  expect(counts).toHaveLength(7)
  for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200)
})
