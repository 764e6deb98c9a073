import { expect, it } from 'vitest'
import { viridis } from '../colours.ts'
import { endOfScale, paintNll } from './paint-nll.ts'

it('takes one end for all maps, infinite values left out', () => {
  expect(
    endOfScale([
      [0.2, 3.5],
      [Number.POSITIVE_INFINITY, 7],
    ]),
  ).toBe(7)
  expect(endOfScale([[0.2]])).toBe(1)
})
it('paints what is impossible as the end of the scale', () => {
  const [low, high, never] = [0, 7, Number.POSITIVE_INFINITY].map((value) => [...paintNll([value], 7)])
  expect(low).toEqual([...viridis(0).map(Math.round), 255])
  expect(high).toEqual(never)
  expect(low).not.toEqual(high)
})
