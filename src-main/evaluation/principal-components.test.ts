import { describe, expect, it } from 'vitest'
import { createRandom } from '../data/random.ts'
import { principalCoordinates } from './principal-components.ts'

describe('principal coordinates', () => {
  it('find the directions of largest variance in order and leave noise for last', () => {
    const random = createRandom(0, 'directions')
    const rows = 500
    const hidden = Array.from({ length: rows }, () => [5 * random.normal(), 2 * random.normal()] as [number, number])
    const table = new Float32Array(rows * 4)
    for (const [row, [a, b]] of hidden.entries())
      table.set([3 + 0.6 * a, 0.8 * a, 7 + b, 0.01 * random.normal()], row * 4)
    const coordinates = principalCoordinates(table, 4, 2)
    const correlation = (component: number, which: 0 | 1) => {
      let [xy, xx, yy] = [0, 0, 0]
      for (const [row, pair] of hidden.entries()) {
        const x = coordinates[row * 2 + component] as number
        xy += x * pair[which]
        xx += x * x
        yy += pair[which] ** 2
      }
      return Math.abs(xy / Math.sqrt(xx * yy))
    }
    expect(correlation(0, 0)).toBeGreaterThan(0.99)
    expect(correlation(1, 1)).toBeGreaterThan(0.99)
    const variance = coordinates.filter((_, at) => at % 2 === 0).reduce((sum, x) => sum + x * x, 0) / rows
    expect(variance).toBeCloseTo(1, 1)
  })

  it('are zero for vectors that are all alike', () => {
    expect([...principalCoordinates(new Float32Array(12).fill(3), 4, 2)]).toEqual(Array(6).fill(0))
  })
})
