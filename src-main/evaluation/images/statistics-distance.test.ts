import { describe, expect, it } from 'vitest'
import { randomFloats } from '../../engine/testing/programs.ts'
import { type FeatureSet, frechetDistance } from '../frechet-distance.ts'
import { StatisticsAccumulator } from './feature-statistics.ts'
import { covarianceFactor, statisticsDistance } from './statistics-distance.ts'

const statisticsOf = ({ width, values }: FeatureSet) => {
  const statistics = new StatisticsAccumulator(width)
  statistics.add(values)
  return statistics.statistics()
}
const set = (
  seed: number,
  count: number,
  width: number,
  change = (value: number, _at: number) => value,
): FeatureSet => ({
  count,
  width,
  values: Float64Array.from(randomFloats(seed, [count, width]).data, change),
})
const relative = (got: number, want: number) => Math.abs(got - want) / Math.abs(want)

describe('the Fréchet distance from mean and covariance', () => {
  it.each([
    ['more vectors than dimensions', 90, 20],
    ['fewer vectors than dimensions', 12, 40],
    ['two vectors', 2, 30],
    ['one dimension', 50, 1],
  ])('is that of the vectors themselves: %s', (_, count, width) => {
    const [x, y] = [set(1, count, width), set(2, count + 3, width, (value) => 2 * value + 0.3)]
    expect(
      relative(statisticsDistance(statisticsOf(x), statisticsOf(y)).distance, frechetDistance(x, y).distance),
    ).toBeLessThan(1e-9)
  })

  it('keeps its digits where features lie far from zero, and where some never change', () => {
    const far = (value: number, at: number) => (at % 5 === 0 ? 7 : 1e6 + value)
    const [x, y] = [set(3, 80, 25, far), set(4, 80, 25, (value, at) => far(1.5 * value, at))]
    expect(
      relative(statisticsDistance(statisticsOf(x), statisticsOf(y)).distance, frechetDistance(x, y).distance),
    ).toBeLessThan(1e-6)
  })

  it('of sets that never change is that of their means', () => {
    const constant = (value: number) => statisticsOf({ count: 5, width: 3, values: new Float64Array(15).fill(value) })
    expect(statisticsDistance(constant(1), constant(3)).distance).toBeCloseTo(12, 12)
    expect(statisticsDistance(constant(1), constant(1)).distance).toBe(0)
  })

  it('uses as many directions as the covariance has', () => {
    // Three directions in ten dimensions.
    const [weights, mixture] = [randomFloats(5, [60, 3]).data, randomFloats(6, [3, 10]).data]
    const values = Float64Array.from({ length: 600 }, (_, at) =>
      [0, 1, 2].reduce(
        (sum, k) => sum + (weights[Math.floor(at / 10) * 3 + k] as number) * (mixture[k * 10 + (at % 10)] as number),
        0,
      ),
    )
    const factor = covarianceFactor(statisticsOf({ count: 60, width: 10, values }))
    expect(factor).toHaveLength(3)
  })

  it('refuses other widths, and a matrix that is no covariance', () => {
    expect(() => statisticsDistance(statisticsOf(set(1, 5, 3)), statisticsOf(set(1, 5, 4)))).toThrow(
      'statistics of 3 and of 4 features',
    )
    const wrong = { ...statisticsOf(set(1, 5, 2)), covariance: Float64Array.of(1, 2, 2, 1) }
    expect(() => covarianceFactor(wrong)).toThrow('it is no covariance matrix')
  })
})

describe('accumulated statistics', () => {
  it('do not depend on how the vectors come, or on which part of them comes where', () => {
    const { values, width, count } = set(7, 301, 6)
    const whole = statisticsOf({ values, width, count })
    const parts = [0, 1, 2].map(() => new StatisticsAccumulator(width))
    for (let row = 0; row < count; row++) parts[row % 3]?.add(values.subarray(row * width, (row + 1) * width))
    const joined = new StatisticsAccumulator(width)
    for (const part of parts) joined.addAll(part)
    const got = joined.statistics()
    expect(got.count).toBe(count)
    for (const [at, value] of whole.covariance.entries()) expect(got.covariance[at]).toBeCloseTo(value, 12)
    for (const [at, value] of whole.mean.entries()) expect(got.mean[at]).toBeCloseTo(value, 12)
  })

  it('name the vector with a number that is none, and refuse too few', () => {
    const statistics = new StatisticsAccumulator(2)
    expect(() => statistics.add(Float32Array.of(1, 2, 3, Number.NaN), (row) => `picture ${row}`)).toThrow(
      'feature 1 of picture 1 is NaN',
    )
    expect(() => statistics.add(Float32Array.of(1, 2, 3))).toThrow('3 numbers are not vectors of 2 features')
    statistics.add(Float32Array.of(1, 2))
    expect(() => statistics.statistics()).toThrow('1 feature vectors: a covariance needs two at least')
    expect(() => statistics.addAll(new StatisticsAccumulator(3))).toThrow('features of 3 numbers')
  })
})
