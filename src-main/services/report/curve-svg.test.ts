import { expect, it } from 'vitest'
import { type Curve, curveSvg } from './curve-svg.ts'

const curve = (label: string, values: readonly number[], spread = 0): Curve => ({
  label,
  colour: '#0072b2',
  points: values.map((mean, step) => ({ step: step * 10, mean, low: mean - spread, high: mean + spread })),
})

const lines = (svg: string): [number, number][][] =>
  [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points]) =>
    (points as string).split(' ').map((pair) => pair.split(',').map(Number) as [number, number]),
  )

it('draws larger values higher and later steps further right', () => {
  const [line] = lines(curveSvg('MSE', 'pixels', [curve('a', [3, 1, 2])]))
  const [first, second, third] = line as [[number, number], [number, number], [number, number]]
  expect(first[0]).toBeLessThan(second[0])
  expect(second[0]).toBeLessThan(third[0])
  expect(second[1]).toBeGreaterThan(third[1])
  expect(third[1]).toBeGreaterThan(first[1])
})

it('says when its axis is logarithmic, and places equal ratios equally far apart', () => {
  const svg = curveSvg('perplexity', 'exp(nats)', [curve('a', [1, 10, 100])])
  expect(svg).toContain('(log axis)')
  const [line] = lines(svg) as [[number, number][]]
  const [a, b, c] = line.map(([, y]) => y) as [number, number, number]
  expect(a - b).toBeCloseTo(b - c, 0)
  expect(curveSvg('MSE', 'pixels', [curve('a', [1, 2])])).not.toContain('log axis')
})

it('leaves out points that are not finite, and refuses a chart without any', () => {
  const [line] = lines(curveSvg('MSE', 'pixels', [curve('a', [3, Number.NaN, 2])]))
  expect(line).toHaveLength(2)
  expect(() => curveSvg('MSE', 'pixels', [curve('a', [Number.NaN])])).toThrow('"MSE" has no point to draw')
})

it('writes labels as text, whatever stands in them', () => {
  expect(curveSvg('a < b & "c"', 'x', [curve('<script>', [1, 2])])).toContain('&lt;script&gt;')
})
