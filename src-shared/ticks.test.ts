import { describe, expect, it } from 'vitest'
import { formatElapsed, formatTick, linearAxis, logAxis, niceStep, secondsAxis, stepAxis, tightAxis } from './ticks.ts'

describe('niceStep', () => {
  it('is 1, 2 or 5 times a power of ten', () => {
    expect(niceStep(10, 5)).toBe(2)
    expect(niceStep(0.4, 5)).toBeCloseTo(0.1, 12)
    expect(niceStep(430, 5)).toBe(100)
    expect(niceStep(230, 5)).toBe(50)
  })
})

describe('linearAxis', () => {
  it('ends at marks and has no rounding dust', () => {
    const axis = linearAxis(0.013, 0.29, 5)
    expect(axis.domain[0]).toBe(0)
    expect(axis.domain[1]).toBeCloseTo(0.3, 12)
    expect(axis.ticks).toContain(0.3)
    expect(axis.ticks.map(axis.format)).toContain('0.30')
  })
  it('gives a constant curve room above and below', () => {
    const axis = linearAxis(2, 2, 4)
    expect(axis.domain[0]).toBeLessThan(2)
    expect(axis.domain[1]).toBeGreaterThan(2)
  })
  it('opens no interval for rounding dust', () => {
    expect(linearAxis(0.2, 1.000_000_1, 5).domain[1]).toBeCloseTo(1, 9)
  })
  it('spans zero with a mark at zero', () => {
    expect(linearAxis(-0.4, 0.9, 5).ticks).toContain(0)
  })
})

describe('tightAxis', () => {
  it('ends exactly where the data ends', () => {
    expect(tightAxis(3, 97, 5)).toMatchObject({ domain: [3, 97], ticks: [20, 40, 60, 80] })
  })
})

describe('stepAxis', () => {
  it('never marks half a step', () => {
    expect(stepAxis(0, 3, 10).ticks).toEqual([0, 1, 2, 3])
  })
})

describe('logAxis', () => {
  it('marks decades over many decades', () => {
    expect(logAxis(1e-4, 10, 5).ticks).toEqual([0.0001, 0.001, 0.01, 0.1, 1, 10])
  })
  it('adds 2 and 5 where there is room', () => {
    expect(logAxis(0.9, 11, 5).ticks).toEqual([0.5, 1, 2, 5, 10, 20])
  })
  it('ends at marks', () => {
    expect(logAxis(0.055, 0.47, 5).domain).toEqual([0.05, 0.5])
  })
  it('falls back to linear marks within a third of a decade', () => {
    expect(logAxis(4.1, 5.2, 5).ticks.length).toBeGreaterThan(3)
  })
})

describe('secondsAxis', () => {
  it('marks whole minutes over an hour and writes hours and minutes', () => {
    const axis = secondsAxis(0, 3600, 5)
    expect(axis.ticks[1]).toBe(600)
    expect(axis.format(600)).toBe('0:10 h')
  })
  it('marks seconds over a minute', () => {
    const axis = secondsAxis(0, 60, 4)
    expect(axis.ticks).toEqual([0, 15, 30, 45, 60])
    expect(axis.format(45)).toBe('0:45')
  })
})

describe('formatTick', () => {
  it('writes no more digits than the step needs and a true minus', () => {
    expect(formatTick(0.1, 0.05)).toBe('0.10')
    expect(formatTick(-2, 1)).toBe('−2')
    expect(formatTick(20_000, 5000)).toBe('20k')
    expect(formatTick(2_500_000, 500_000)).toBe('2.5M')
    expect(formatTick(0.00002, 0.00001)).toBe('2e−5')
  })
})

describe('formatElapsed', () => {
  it('writes hours only when there are any', () => {
    expect(formatElapsed(75)).toBe('1:15')
    expect(formatElapsed(3675)).toBe('1:01:15')
  })
})
