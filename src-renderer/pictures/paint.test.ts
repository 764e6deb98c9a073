import { describe, expect, it } from 'vitest'
import { diverging, viridis } from '../colours.ts'
import {
  absoluteError,
  ERROR_SCALE,
  meanSquaredError,
  paintDifference,
  paintError,
  rgba,
  signedDifference,
} from './paint.ts'

const a = Uint8Array.of(0, 0, 0, 255, 255, 255)
const b = Uint8Array.of(30, 0, 0, 255, 195, 255)
const rounded = (colour: readonly number[]) => colour.map(Math.round)

describe('pictures as pixels', () => {
  it('are opaque and keep their channels in order', () => {
    expect([...rgba(Uint8Array.of(1, 2, 3, 4, 5, 6))]).toEqual([1, 2, 3, 255, 4, 5, 6, 255])
  })
})

describe('differences', () => {
  it('average over channels, with and without sign', () => {
    expect([...absoluteError(a, b)]).toEqual([10, 20])
    expect([...signedDifference(a, b)]).toEqual([-10, 20])
  })
  it('give the squared error in the unit of the held-out metric', () => {
    expect(meanSquaredError(Uint8Array.of(0, 255), Uint8Array.of(255, 255))).toBeCloseTo(2, 12)
  })
})

describe('painting', () => {
  it('starts viridis at no error and saturates at the end of the scale', () => {
    const pixels = paintError(Float32Array.of(0, 10 * ERROR_SCALE))
    expect([...pixels.slice(0, 3)]).toEqual(rounded(viridis(0)))
    expect([...pixels.slice(4, 7)]).toEqual(rounded(viridis(1)))
  })
  it('paints no difference in the colour of zero', () => {
    const pixel = paintDifference(Float32Array.of(0)).slice(0, 3)
    for (const [channel, value] of diverging(0).entries())
      expect(Math.abs((pixel[channel] ?? 0) - value)).toBeLessThan(3)
  })
})
