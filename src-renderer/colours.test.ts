import { describe, expect, it } from 'vitest'
import { cividis, diverging, luminance, runColour, runDash, viridis } from './colours.ts'

const steps = Array.from({ length: 101 }, (_, at) => at / 100)

describe('sequential scales', () => {
  it.each([
    ['viridis', viridis],
    ['cividis', cividis],
  ])('%s gets lighter at every step, so that it also reads in grey', (_, scale) => {
    const lightness = steps.map((at) => luminance(scale(at)))
    for (let at = 1; at < lightness.length; at++) expect(lightness[at]).toBeGreaterThan(lightness[at - 1] as number)
  })
  it('hold their ends beyond [0, 1] and for what is no number', () => {
    expect(viridis(-3)).toEqual(viridis(0))
    expect(viridis(7)).toEqual(viridis(1))
    expect(viridis(Number.NaN)).toEqual(viridis(0))
  })
})

describe('the diverging scale', () => {
  it('gets darker away from zero on both sides', () => {
    for (let at = 1; at <= 20; at++) {
      expect(luminance(diverging(at / 20))).toBeLessThan(luminance(diverging((at - 1) / 20)))
      expect(luminance(diverging(-at / 20))).toBeLessThan(luminance(diverging(-(at - 1) / 20)))
    }
  })
  it('is blue below zero, red above, and grey at zero', () => {
    const [r, , b] = diverging(-0.8)
    expect(b).toBeGreaterThan(r)
    const above = diverging(0.8)
    expect(above[0]).toBeGreaterThan(above[2])
    const zero = diverging(0)
    expect(Math.max(...zero) - Math.min(...zero)).toBeLessThan(10)
  })
})

describe('run colours', () => {
  it('wrap after eight with another dash', () => {
    expect(runColour(8, 'light')).toBe(runColour(0, 'light'))
    expect(runDash(8)).not.toEqual(runDash(0))
    expect(new Set(Array.from({ length: 8 }, (_, index) => runColour(index, 'dark'))).size).toBe(8)
  })
})
