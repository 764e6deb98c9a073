import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatCountOf,
  formatDuration,
  formatFixed,
  formatMetric,
  formatMinutes,
  formatNumber,
  formatProbability,
  formatSigned,
  formatTime,
} from './format.ts'

it('gives each metric the decimals that its values need to be told apart', () => {
  expect(formatMetric('heldout.mse', 0.03456)).toBe('0.0346')
  expect(formatMetric('heldout.psnr', 20.7)).toBe('20.70')
  expect(formatMetric('usage.codes.1', 393)).toBe('393')
  expect(formatMetric('usage.codes.1', 392.5)).toBe('392.5')
  expect(formatMetric('drift.cosine', -0.0123)).toBe('−0.012')
  expect(formatMetric('heldout.mse', undefined)).toBe('–')
})

it('tells a small probability from none', () => {
  expect([0, 1e-5, 0.0126, 1, Number.NaN].map(formatProbability)).toEqual(['0.0 %', '< 0.1 %', '1.3 %', '100.0 %', '–'])
})

it('says in words and signs what is not finite', () => {
  expect(formatMetric('heldout.mse', Number.NaN)).toBe('not a number')
  expect(formatFixed(Number.POSITIVE_INFINITY, 2)).toBe('∞')
  expect(formatNumber(Number.NEGATIVE_INFINITY)).toBe('−∞')
})

it('turns to scientific notation where fixed decimals would show nothing or too much', () => {
  expect(formatFixed(1e-9, 4)).toBe('1.0e−9')
  expect(formatFixed(-2.5e8, 1)).toBe('−2.5e+8')
  expect(formatNumber(0.00001234)).toBe('1.23e−5')
  expect(formatNumber(1234.5)).toBe('1,235')
})

it('writes no sign before a zero and a true minus before a negative', () => {
  expect(formatFixed(-0.00001, 4)).toBe('0.0000')
  expect(formatSigned(0.5, 2)).toBe('+0.50')
  expect(formatSigned(-0.5, 2)).toBe('−0.50')
  expect(formatSigned(0, 2)).toBe('0.00')
})

it('never shows a fixed number further from its value than half a unit of the last digit', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: 0, max: 4 }), (value, decimals) => {
      const shown = Number(formatFixed(value, decimals).replaceAll(',', '').replaceAll('−', '-'))
      expect(Math.abs(shown - value)).toBeLessThanOrEqual(0.5 * 10 ** -decimals + 1e-9)
    }),
  )
})

it('writes lengths of time in two units at most', () => {
  expect(formatDuration(0)).toBe('0 s')
  expect(formatDuration(59.6)).toBe('1 min 00 s')
  expect(formatDuration(425)).toBe('7 min 05 s')
  expect(formatDuration(12_000)).toBe('3 h 20 min')
  expect(formatDuration(187_200)).toBe('2 d 4 h')
  expect(formatDuration(null)).toBe('–')
})

it('says estimates as a person would', () => {
  expect(formatMinutes(0.4)).toBe('under a minute')
  expect(formatMinutes(1.2)).toBe('about 1 minute')
  expect(formatMinutes(7.6)).toBe('about 8 minutes')
  expect(formatMinutes(150)).toBe('about 2.5 hours')
})

it('says how long ago, then the clock, then the day', () => {
  const now = new Date(2026, 4, 20, 18, 0).getTime()
  expect(formatTime(now - 20_000, now)).toBe('just now')
  expect(formatTime(now - 12 * 60_000, now)).toBe('12 min ago')
  expect(formatTime(new Date(2026, 4, 20, 9, 5).getTime(), now)).toBe('09:05')
  expect(formatTime(new Date(2026, 2, 3, 14, 5).getTime(), now)).toBe('3 Mar 14:05')
  expect(formatTime(new Date(2025, 2, 3, 14, 5).getTime(), now)).toBe('3 Mar 2025')
})

it('writes sizes and counts in the unit that leaves few digits', () => {
  expect(formatBytes(512)).toBe('512 B')
  expect(formatBytes(1.5 * 2 ** 30)).toBe('1.5 GiB')
  expect(formatBytes(482 * 2 ** 20)).toBe('482 MiB')
  expect(formatCount(3_640_000)).toBe('3.64 M')
  expect(formatCount(9_999)).toBe('9,999')
  expect(formatCountOf(1, 'seed')).toBe('1 seed')
  expect(formatCountOf(1200, 'run')).toBe('1,200 runs')
})
