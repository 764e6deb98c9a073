import { describe, expect, it } from 'vitest'
import { bootstrapInterval, pairedBootstrap } from './statistics.ts'

describe('the bootstrap interval of a mean', () => {
  it('counts out every sample of few values', () => {
    // Two values: means 0, 1/2, 1/2, 1.
    expect(bootstrapInterval([0, 1])).toEqual({ mean: 0.5, low: 0, high: 1, resamples: 4 })
    // Three values: 27 samples, of which one is 0, 0, 0: the tails of 50 % leave out 6 on either side.
    expect(bootstrapInterval([0, 3, 6], 0.5)).toEqual({ mean: 3, low: 2, high: 4, resamples: 27 })
  })

  it('comes to the normal interval for many values, and is the same every time', () => {
    const values = Array.from({ length: 400 }, (_, at) => at % 2)
    const interval = bootstrapInterval(values)
    // Standard error √(0.25 / 400) = 0.025.
    expect(interval?.low).toBeCloseTo(0.5 - 1.96 * 0.025, 2)
    expect(interval?.high).toBeCloseTo(0.5 + 1.96 * 0.025, 2)
    expect(bootstrapInterval(values)).toEqual(interval)
  })

  it('has no width where nothing varies, and is none for one seed or what is no number', () => {
    expect(bootstrapInterval([2, 2, 2])).toMatchObject({ mean: 2, low: 2, high: 2 })
    for (const values of [[], [1], [1, Number.NaN], [1, Number.POSITIVE_INFINITY]])
      expect(bootstrapInterval(values)).toBeNull()
  })
})

describe('the paired bootstrap over questions and seeds', () => {
  it('sees a difference that every question has, however much the questions differ', () => {
    const b = [[0, 10, 20, 30, 40, 50]]
    const a = [[1, 11, 21, 31, 41, 51]]
    expect(pairedBootstrap(a, b)).toMatchObject({ mean: 1, low: 1, high: 1, above: 1 })
  })

  it('counts out few seeds of one question', () => {
    // Differences 0 and 2: means 0, 1, 1, 2.
    expect(pairedBootstrap([[1], [3]], [[1], [1]])).toEqual({ mean: 1, low: 0, high: 2, resamples: 4, above: 0.875 })
  })

  it('draws seeds as well as questions: two seeds that disagree leave zero in the interval', () => {
    const questions = 50
    const scores = (value: number) => Array.from({ length: questions }, () => value)
    const result = pairedBootstrap([scores(1), scores(0)], [scores(0), scores(1)])
    expect(result).toMatchObject({ mean: 0, low: -1, high: 1 })
    expect(result?.above).toBeCloseTo(0.5, 1)
    const alike = pairedBootstrap([scores(1), scores(1)], [scores(0), scores(0)])
    expect(alike).toMatchObject({ mean: 1, low: 1, high: 1, above: 1 })
  })

  it('has the width of the questions’ standard error', () => {
    const answers = Array.from({ length: 400 }, (_, at) => at % 2)
    const result = pairedBootstrap([answers], [answers.map(() => 0)])
    expect(result?.low).toBeCloseTo(0.5 - 1.96 * 0.025, 1)
    expect(result?.high).toBeCloseTo(0.5 + 1.96 * 0.025, 1)
  })

  it('refuses what cannot be paired, and has no interval for a single pair or what is no number', () => {
    expect(() => pairedBootstrap([[1, 2]], [[1]])).toThrow('1 questions cannot be paired with 2')
    expect(() => pairedBootstrap([[1], [2]], [[1]])).toThrow('1 seeds cannot be paired with 2')
    expect(() => pairedBootstrap([], [])).toThrow('at least')
    expect(pairedBootstrap([[1]], [[2]])).toBeNull()
    expect(pairedBootstrap([[1, Number.NaN]], [[2, 1]])).toBeNull()
  })
})
