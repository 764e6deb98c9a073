import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mean, sampleStd, studentQuantile, welchInterval } from './statistics.ts'

describe('statistics of the result table', () => {
  it('has the mean and the sample standard deviation of a textbook sample', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9]
    expect(mean(values)).toBe(5)
    expect(sampleStd(values)).toBeCloseTo(Math.sqrt(32 / 7), 12)
    expect(sampleStd([3])).toBeNaN()
  })

  // Printed t tables, and closed forms: ν = 1 is tan(π(p − ½)), ν = 2 is (2p − 1)·√(2 / (4p(1 − p))).
  it.each([
    [0.975, 3, 3.18244630528371],
    [0.975, 4, 2.77644510519779],
    [0.975, 10, 2.22813885198627],
    [0.975, 30, 2.0422724563012373],
    [0.95, 5, 2.01504837333302],
    [0.995, 20, 2.84533970978611],
  ])('has the t quantile %f for %f degrees of freedom of printed tables', (probability, freedom, expected) => {
    expect(studentQuantile(probability, freedom)).toBeCloseTo(expected, 9)
  })

  it('agrees with the closed forms for one and two degrees of freedom', () => {
    for (const p of [0.6, 0.9, 0.975, 0.999]) {
      expect(studentQuantile(p, 1) / Math.tan(Math.PI * (p - 0.5))).toBeCloseTo(1, 10)
      expect(studentQuantile(p, 2) / ((2 * p - 1) * Math.sqrt(2 / (4 * p * (1 - p))))).toBeCloseTo(1, 10)
    }
  })

  it('comes to the normal quantile for many degrees of freedom, and is odd about one half', () => {
    expect(studentQuantile(0.975, 1e7)).toBeCloseTo(1.959964, 5)
    expect(studentQuantile(0.025, 7)).toBe(-studentQuantile(0.975, 7))
  })

  it('gives the Welch interval of a worked example', () => {
    // a: mean 10, variance 4, n 4; b: mean 7, variance 1, n 3: se² = 1 + 1/3.
    const a = [10 - Math.sqrt(6), 10, 10, 10 + Math.sqrt(6)]
    const result = welchInterval(a, [6, 7, 8])
    expect(result?.mean).toBeCloseTo(3, 12)
    const freedom = (4 / 3) ** 2 / (1 / 3 + 1 / 9 / 2)
    expect(result?.degreesOfFreedom).toBeCloseTo(freedom, 9)
    expect((result?.high ?? 0) - 3).toBeCloseTo(studentQuantile(0.975, freedom) * Math.sqrt(4 / 3), 9)
  })

  it('has no interval for one seed, and one of no width where nothing varies', () => {
    expect(welchInterval([1], [1, 2])).toBeNull()
    expect(welchInterval([2, 2], [1, 1])).toMatchObject({ mean: 1, low: 1, high: 1 })
  })

  it('turns around when the samples are swapped', () => {
    const sample = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const one = welchInterval(a, b)
        const other = welchInterval(b, a)
        expect(one?.low).toBeCloseTo(-(other?.high ?? Number.NaN), 6)
      }),
      { numRuns: 50 },
    )
  })

  it('refuses probabilities and degrees of freedom that do not exist', () => {
    expect(() => studentQuantile(1, 3)).toThrow(/probability 1/)
    expect(() => studentQuantile(0.9, 0)).toThrow(/0 degrees/)
  })
})
