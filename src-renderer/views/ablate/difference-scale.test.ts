import { expect, it } from 'vitest'
import type { AblationDetail, Cell } from '../../../src-shared/contract/ablations.ts'
import { barGeometry, barScale } from './difference-scale.ts'

const arm = (difference: Cell['difference']): AblationDetail['arms'][number] => ({
  label: '',
  settings: {},
  isBaseline: false,
  runIds: [],
  cells: { m: { n: 2, mean: 0, std: 0, best: false, difference, values: [] } },
})

it('puts all bars of a metric on one scale that holds their intervals', () => {
  expect(
    barScale([arm({ mean: 2, low: 1.5, high: 2.5 }), arm({ mean: -1, low: -1.2, high: -0.8 }), arm(null)], 'm'),
  ).toBe(2.5)
})

it('cuts and marks an interval that is far wider than the differences', () => {
  const arms = [arm({ mean: 2, low: -30, high: 34 })]
  const scale = barScale(arms, 'm')
  expect(scale).toBe(3)
  const bar = barGeometry({ mean: 2, low: -30, high: 34 }, scale)
  expect(bar).toEqual({ mean: 2 / 3, low: -1, high: 1, cutLow: true, cutHigh: true })
})

it('stands at zero where nothing differs', () => {
  expect(barGeometry({ mean: 0, low: null, high: null }, 0)).toMatchObject({ mean: 0, low: 0, high: 0 })
})
