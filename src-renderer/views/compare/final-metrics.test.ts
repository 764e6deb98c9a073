import { expect, it } from 'vitest'
import { finalMetrics } from './final-metrics.ts'

const row = (rows: ReturnType<typeof finalMetrics>, metric: string) => rows.find((one) => one.metric === metric)

it('marks the lowest error and the highest usage as best', () => {
  const rows = finalMetrics([
    { latest: { 'heldout.mse': 0.04, 'usage.codes.0': 60 } },
    { latest: { 'heldout.mse': 0.06, 'usage.codes.0': 460 } },
  ])
  expect(row(rows, 'heldout.mse')?.best).toEqual([0])
  expect(row(rows, 'usage.codes.0')?.best).toEqual([1])
})

it('marks ties together, and nothing where all are alike or only one run has a value', () => {
  const tie = finalMetrics([
    { latest: { 'heldout.mse': 1 } },
    { latest: { 'heldout.mse': 1 } },
    { latest: { 'heldout.mse': 2 } },
  ])
  expect(row(tie, 'heldout.mse')?.best).toEqual([0, 1])
  expect(
    row(finalMetrics([{ latest: { 'heldout.mse': 1 } }, { latest: { 'heldout.mse': 1 } }]), 'heldout.mse')?.best,
  ).toEqual([])
  expect(row(finalMetrics([{ latest: { 'heldout.mse': 1 } }, { latest: {} }]), 'heldout.mse')).toMatchObject({
    values: [1, null],
    best: [],
  })
})

it('lists the layers of the deepest run and leaves out metrics that no run has', () => {
  const rows = finalMetrics([
    { latest: { 'usage.codes.0': 1 } },
    { latest: { 'usage.codes.0': 2, 'usage.codes.1': 3 } },
  ])
  expect(rows.map((one) => one.metric)).toEqual(['usage.codes.0', 'usage.codes.1'])
})
