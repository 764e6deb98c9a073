import fc from 'fast-check'
import { expect, it } from 'vitest'
import { viridis } from '../colours.ts'
import { colourOfCount, columnOfStep, logPosition, paintCounts, placesOfRow, rowOfPlace } from './heat-map.ts'

it('finds the row of every place, as the rows were cut', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50_000 }),
      fc.integer({ min: 1, max: 400 }),
      fc.nat(),
      (count, wanted, at) => {
        const rows = Math.min(wanted, count)
        const place = at % count
        const [from, to] = placesOfRow(rowOfPlace(place, rows, count), rows, count)
        expect(place).toBeGreaterThanOrEqual(from)
        expect(place).toBeLessThan(to)
      },
    ),
  )
})

it('tells "never" from "once", and gives the largest count the end of the scale', () => {
  const ground = [9, 9, 9] as const
  expect(colourOfCount(0, 50, ground)).toEqual(ground)
  expect(colourOfCount(1, 50, ground)).toEqual(viridis(0))
  expect(colourOfCount(50, 50, ground)).toEqual(viridis(1))
  expect(logPosition(10, 100)).toBeCloseTo(0.5)
})

it('paints equal counts alike, wherever they stand', () => {
  const pixels = paintCounts(Int32Array.of(0, 3, 0, 3), 9, [1, 2, 3])
  expect([...pixels.subarray(0, 4)]).toEqual([1, 2, 3, 255])
  expect(pixels.subarray(8, 12)).toEqual(pixels.subarray(0, 4))
  expect(pixels.subarray(12, 16)).toEqual(pixels.subarray(4, 8))
  expect(pixels.subarray(4, 8)).not.toEqual(pixels.subarray(0, 4))
})

it('places a step inside the column of the sample that came after it', () => {
  const steps = [0, 50, 100]
  expect(columnOfStep(75, steps, 3)).toBe(2.5)
  expect(columnOfStep(50, steps, 3)).toBe(2)
  expect(columnOfStep(120, steps, 3)).toBe(3)
  expect(columnOfStep(75, steps, 6)).toBe(5)
})
