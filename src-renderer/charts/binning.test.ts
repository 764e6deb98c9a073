import { describe, expect, it } from 'vitest'
import { histogram, ranksOfColumn, usageOrder, usageSummary } from './binning.ts'

describe('histogram', () => {
  it('counts every finite value once, the upper edge in the last bin', () => {
    const result = histogram([-1, -0.5, 0, 0.5, 1, Number.NaN], 4, [-1, 1])
    expect(result.counts).toEqual([1, 1, 1, 2])
    expect(result.edges).toEqual([-1, -0.5, 0, 0.5, 1])
  })
  it('reports values outside its edges instead of dropping them', () => {
    expect(histogram([0, 3, 9], 2, [0, 4])).toMatchObject({ counts: [1, 1], outside: 1 })
  })
  it('counts only what the caller keeps', () => {
    expect(histogram([0.1, 0.2, 0.3], 1, [0, 1], (index) => index !== 1).counts).toEqual([2])
  })
})

describe('usageOrder', () => {
  it('sorts by count with ties by id, or keeps the ids', () => {
    expect([...usageOrder([1, 5, 1, 9], 'count')]).toEqual([3, 1, 0, 2])
    expect([...usageOrder([1, 5, 1, 9], 'id')]).toEqual([0, 1, 2, 3])
  })
})

describe('ranksOfColumn', () => {
  it('covers every code exactly once when codes outnumber the columns', () => {
    const seen: number[] = []
    for (let column = 0; column < 7; column++) {
      const [from, to] = ranksOfColumn(column, 7, 100)
      for (let rank = from; rank < to; rank++) seen.push(rank)
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })
  it('gives every column a code when columns outnumber the codes', () => {
    for (let column = 0; column < 10; column++) {
      const [from, to] = ranksOfColumn(column, 10, 3)
      expect(to).toBeGreaterThan(from)
      expect(from).toBeLessThan(3)
    }
  })
})

describe('usageSummary', () => {
  it('has perplexity K when all codes are used alike', () => {
    expect(usageSummary([2, 2, 2, 2])).toMatchObject({ used: 4, dead: 0, hits: 8, half: 2 })
    expect(usageSummary([2, 2, 2, 2]).perplexity).toBeCloseTo(4, 10)
  })
  it('has perplexity 1 when one code takes everything', () => {
    expect(usageSummary([0, 7, 0])).toMatchObject({ used: 1, dead: 2, half: 1 })
    expect(usageSummary([0, 7, 0]).perplexity).toBeCloseTo(1, 10)
  })
  it('is zero without hits', () => {
    expect(usageSummary([0, 0])).toMatchObject({ used: 0, hits: 0, perplexity: 0, half: 0 })
  })
})
