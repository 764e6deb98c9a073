import { describe, expect, it } from 'vitest'
import { type ChartLine, layoutChart } from './chart-layout.ts'
import { bandPath, chartSvg, columnPath } from './chart-svg.ts'

const line: ChartLine = {
  key: 'a',
  label: 'frozen <seed 0>',
  colour: '#0072b2',
  dash: [],
  x: [0, 100, 200],
  y: [1, null, 3],
  raw: null,
  band: { low: [0, null, 2], high: [2, null, 4] },
}
const layout = layoutChart({ lines: [line], axis: 'step', log: false, range: null }, 300, 150)

describe('paths', () => {
  it('runs through all points, bridging gaps', () => {
    expect(columnPath(layout, 0).match(/[ML]/g)).toEqual(['M', 'L'])
  })
  it('closes a band around its two ends', () => {
    const path = bandPath(layout, 1, 2)
    expect(path.endsWith('Z')).toBe(true)
    expect(path.match(/L/g)).toHaveLength(3)
  })
})

describe('chartSvg', () => {
  const svg = chartSvg(layout, {
    title: 'Held-out MSE',
    unit: 'pixels in [−1, 1]',
    axisLabel: 'step',
    lines: [line, { ...line, key: 'b' }],
    marks: [{ x: 100, kind: 'alarm', label: 'collapse & ruin' }],
    colours: { ground: '#fff', text: '#000', muted: '#555', line: '#ddd', alarm: '#a00' },
  })
  it('names title, unit, axis, lines and marks, with markup characters escaped', () => {
    for (const text of ['Held-out MSE', 'pixels in [−1, 1]', '>step<', 'frozen &lt;seed 0&gt;', 'collapse &amp; ruin'])
      expect(svg).toContain(text)
  })
  it('needs nothing from outside', () => {
    expect(svg).not.toMatch(/href|url\((?!#)|var\(/)
  })
})
