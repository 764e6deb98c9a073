import { describe, expect, it } from 'vitest'
import { lineOfArm, lineOfSeries } from './metric-lines.ts'

const style = { label: 'frozen', colour: '#000000', dash: [] }
const series = (runId: string, value: number[]) => ({
  runId,
  name: 'heldout.mse',
  step: value.map((_, index) => index * 10),
  seconds: value.map((_, index) => index * 2),
  value,
  total: value.length,
})

describe('lineOfSeries', () => {
  it('keeps the raw values behind a smoothed line, and only then', () => {
    const smoothed = lineOfSeries(series('a', [1, 3, 2]), style, 'step', 0.99)
    expect(smoothed.raw).toEqual([1, 3, 2])
    expect(smoothed.y[1]).toBeLessThan(3)
    expect(lineOfSeries(series('a', [1, 3, 2]), style, 'step', 0).raw).toBeNull()
  })
  it('runs over seconds on a time axis', () => {
    expect(lineOfSeries(series('a', [1, 3]), style, 'time', 0).x).toEqual([0, 2])
  })
})

describe('lineOfArm', () => {
  it('shows mean, one standard deviation on both sides, and n', () => {
    const line = lineOfArm([series('a', [1, 1]), series('b', [3, 3])], style, 'step', 0)
    expect(line.label).toBe('frozen (n = 2)')
    expect(line.y).toEqual([2, 2])
    expect(line.band?.low[0]).toBeCloseTo(2 - Math.SQRT2, 12)
    expect(line.band?.high[1]).toBeCloseTo(2 + Math.SQRT2, 12)
  })
  it('has no band for a single run', () => {
    expect(lineOfArm([series('a', [1, 1])], style, 'step', 0).band).toBeNull()
  })
})
