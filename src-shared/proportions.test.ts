import { expect, test } from 'vitest'
import { wilsonInterval } from './proportions.ts'

test('the score interval of a share (10 of 20, and 81 of 263: Newcombe, Stat. Med. 17, 1998, Table I)', () => {
  const half = wilsonInterval(10, 20)
  expect(half.share).toBe(0.5)
  expect(half.low).toBeCloseTo(0.2993, 4)
  expect(half.high).toBeCloseTo(0.7007, 4)
  const third = wilsonInterval(81, 263)
  expect(third.low).toBeCloseTo(0.2553, 4)
  expect(third.high).toBeCloseTo(0.3662, 4)
})

test('none and all have intervals within 0 and 1', () => {
  expect(wilsonInterval(0, 20)).toMatchObject({ share: 0, low: 0 })
  expect(wilsonInterval(0, 20).high).toBeCloseTo(0.1611, 4)
  expect(wilsonInterval(20, 20)).toMatchObject({ share: 1, high: 1 })
  expect(wilsonInterval(1, 1).low).toBeGreaterThan(0.2)
})

test('what is no share is refused', () => {
  expect(() => wilsonInterval(0, 0)).toThrow('0 of 0 is no share')
  expect(() => wilsonInterval(3, 2)).toThrow('3 of 2')
  expect(() => wilsonInterval(Number.NaN, 2)).toThrow(RangeError)
})
