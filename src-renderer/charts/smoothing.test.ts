import { describe, expect, it } from 'vitest'
import { smooth } from './smoothing.ts'

const range = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('smooth', () => {
  it('leaves a constant curve as it is from the first point on', () => {
    for (const value of smooth(range(4), [3, 3, 3, 3], 0.9)) expect(value).toBeCloseTo(3, 12)
  })
  it('averages with exponentially falling weights, corrected for the start', () => {
    const x = range(501)
    const [first, second] = smooth(
      x,
      x.map((at) => (at === 0 ? 1 : 2)),
      0.5,
    )
    expect(first).toBe(1)
    expect(second).toBeCloseTo((0.5 * 1 + 1 * 2) / 1.5, 12)
  })
  it('calms a dense noisy curve but hardly touches one of a few evaluations', () => {
    const dense = smooth(
      range(400),
      range(400).map((at) => at % 2),
      0.9,
    )
    expect(Math.abs((dense[399] ?? 0) - 0.5)).toBeLessThan(0.1)
    const sparse = smooth([0, 100, 200], [1, 0, 1], 0.9)
    expect(sparse[1]).toBeLessThan(0.01)
  })
  it('keeps gaps as gaps and does not let them enter the average', () => {
    expect(smooth(range(3), [4, null, 4], 0.9)[1]).toBeNull()
    expect(smooth(range(3), [4, null, 4], 0.9)[2]).toBeCloseTo(4, 12)
  })
  it('returns the raw values at weight 0', () => {
    expect(smooth(range(3), [1, 5, 2], 0)).toEqual([1, 5, 2])
  })
})
