import { describe, expect, it } from 'vitest'
import { type ChartLine, layoutChart, pixelToX, visibleMarks, xToPixel, yToPixel } from './chart-layout.ts'

const line = (x: number[], y: (number | null)[]): ChartLine => ({
  key: 'a',
  label: 'a',
  colour: '#000000',
  dash: [],
  x,
  y,
  raw: null,
  band: null,
})
const layout = (lines: ChartLine[], more: { log?: boolean; range?: [number, number] } = {}) =>
  layoutChart({ lines, axis: 'step', log: more.log ?? false, range: more.range ?? null }, 400, 200)

describe('layoutChart', () => {
  it('ends the horizontal axis where the data ends', () => {
    expect(layout([line([0, 50, 400], [1, 2, 3])]).x.domain).toEqual([0, 400])
  })
  it('fits the vertical axis to what the range shows', () => {
    const zoomed = layout([line([0, 1, 2, 3], [100, 1, 2, 1.5])], { range: [1, 3] })
    expect(zoomed.y.domain[1]).toBeLessThan(5)
  })
  it('leaves values out of a log axis that have no logarithm', () => {
    const chart = layout([line([0, 1, 2], [0, 1, 100])], { log: true })
    expect(chart.table.columns[0]).toEqual([null, 1, 100])
    expect(yToPixel(chart, 10) - yToPixel(chart, 100)).toBeCloseTo(yToPixel(chart, 1) - yToPixel(chart, 10), 6)
  })
  it('says when there is nothing to draw', () => {
    expect(layout([]).empty).toBe(true)
    expect(layout([line([0], [null])]).empty).toBe(true)
    expect(layout([line([0], [0])], { log: true }).empty).toBe(true)
  })
  it('keeps the curve, its raw values and its band in columns of one table', () => {
    const full = { ...line([0, 1], [1, 2]), raw: [3, 4], band: { low: [0, 1], high: [2, 3] } }
    const chart = layout([full])
    expect(chart.columns).toEqual([{ line: 0, raw: 1, low: 2, high: 3 }])
    expect(chart.table.columns[3]).toEqual([2, 3])
  })
})

describe('changes at marks', () => {
  it('are inside the vertical axis even where no curve reaches them', () => {
    const marks = [{ x: 1, kind: 'sync' as const, label: 'sync', change: { before: 8, after: 5 } }]
    const chart = layoutChart(
      { lines: [line([0, 1, 2], [1, 1, 2])], marks, axis: 'step', log: false, range: null },
      400,
      200,
    )
    expect(chart.y.domain[1]).toBeGreaterThanOrEqual(8)
  })
})

describe('pixels of a chart', () => {
  it('go to values and back', () => {
    const chart = layout([line([0, 400], [0, 1])])
    expect(pixelToX(chart, xToPixel(chart, 123))).toBeCloseTo(123, 9)
    expect(yToPixel(chart, 0)).toBe(chart.plot.top + chart.plot.height)
  })
})

describe('visibleMarks', () => {
  it('shows one tick for marks that fall on the same pixels, and none outside', () => {
    const chart = layout([line([0, 400], [0, 1])])
    const marks = [0, 1, 200, 900].map((x) => ({ x, kind: 'sync' as const, label: String(x) }))
    expect(visibleMarks(chart, marks).map((mark) => mark.x)).toEqual([0, 200])
  })
})
