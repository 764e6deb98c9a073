import { expect, it } from 'vitest'
import { keepSeries } from './keep-series.ts'

const series = (name: string, step: number[], total = step.length) => ({
  runId: 'a',
  name,
  step,
  seconds: step,
  value: step,
  total,
})

it('keeps the old object of a series to which nothing was appended, and takes the new one otherwise', () => {
  const old = [series('x', [0, 1]), series('y', [0, 1])]
  const next = [series('x', [0, 1]), series('y', [0, 1, 2])]
  const kept = keepSeries(old, next)
  expect(kept[0]).toBe(old[0])
  expect(kept[1]).toBe(next[1])
})

it('takes a series anew that has more points than before behind the same downsampled ends', () => {
  const [kept] = keepSeries([series('x', [0, 9], 10)], [series('x', [0, 9], 11)])
  expect(kept?.total).toBe(11)
})

it('is the old list itself when nothing changed', () => {
  const old = [series('x', [0, 1])]
  expect(keepSeries(old, [series('x', [0, 1])])).toBe(old)
})

it('takes everything where there was nothing', () => {
  const next = [series('x', [0])]
  expect(keepSeries(undefined, next)).toEqual(next)
})
