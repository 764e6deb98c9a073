import { describe, expect, it } from 'vitest'
import { smooth } from './smoothing.ts'

describe('smooth', () => {
  it('leaves a constant curve as it is from the first point on', () => {
    for (const value of smooth([3, 3, 3, 3], 0.9)) expect(value).toBeCloseTo(3, 12)
  })
  it('averages with exponentially falling weights, corrected for the start', () => {
    const [first, second] = smooth([1, 2], 0.5)
    expect(first).toBe(1)
    expect(second).toBeCloseTo((0.5 * 1 + 1 * 2) / 1.5, 12)
  })
  it('keeps gaps as gaps and does not let them enter the average', () => {
    expect(smooth([4, null, 4], 0.9)[1]).toBeNull()
    expect(smooth([4, null, 4], 0.9)[2]).toBeCloseTo(4, 12)
  })
  it('returns the raw values at weight 0', () => {
    expect(smooth([1, 5, 2], 0)).toEqual([1, 5, 2])
  })
})
