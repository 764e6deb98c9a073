import { describe, expect, it } from 'vitest'
import { cardValue, type MetricCard, metricCardLines, metricCardSchema } from './metric-card.ts'

const card: MetricCard = {
  metric: 'PSNR',
  value: 'Infinity',
  unit: 'dB',
  higherIsBetter: true,
  definition: '10 log10(range² / MSE)',
  source: 'scikit-image',
  extractor: null,
  resize: '',
  reference: 'folder originals',
  count: 3,
  seed: null,
  interval: null,
  bias: null,
  warnings: ['one', 'two'],
}

describe('a metric card', () => {
  it('survives JSON, an infinite value included', () => {
    const made = { ...card, value: cardValue(Number.POSITIVE_INFINITY) }
    expect(metricCardSchema.parse(JSON.parse(JSON.stringify(made)))).toEqual(made)
    expect(cardValue(Number.NEGATIVE_INFINITY)).toBe('-Infinity')
    expect(cardValue(1.5)).toBe(1.5)
  })

  it('cannot hold what is no number', () => {
    expect(() => cardValue(Number.NaN)).toThrow('not a number')
    expect(metricCardSchema.safeParse({ ...card, value: Number.NaN }).success).toBe(false)
  })

  it('shows only lines that say something, and every warning', () => {
    expect(metricCardLines(card).map(([name]) => name)).toEqual([
      'Definition',
      'Source',
      'Reference',
      'Count',
      'Warning',
      'Warning',
    ])
  })
})
