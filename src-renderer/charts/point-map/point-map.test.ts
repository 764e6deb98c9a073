import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatLoop, isInside, parseLoop, pointsInside, thinned } from './lasso.ts'
import { pointGrid } from './nearby.ts'
import {
  boundsOf,
  formatView,
  panBy,
  parseView,
  toPixelX,
  toPixelY,
  toPlaneX,
  toPlaneY,
  viewOf,
  zoomAt,
} from './view.ts'

const box = { width: 400, height: 200 }

describe('the view of a plane', () => {
  it('shows everything at one scale on both axes, y upwards', () => {
    const view = viewOf({ left: -1, right: 3, bottom: 0, top: 1 }, box)
    expect(toPixelX(view, box, -1)).toBeCloseTo(18)
    expect(toPixelX(view, box, 3)).toBeCloseTo(382)
    expect(toPixelY(view, box, 1)).toBeLessThan(toPixelY(view, box, 0))
    expect(toPixelY(view, box, 0) - toPixelY(view, box, 1)).toBeCloseTo(view.scale)
  })

  it('keeps the point under the pointer while it zooms, and follows the hand while it pans', () => {
    const view = viewOf({ left: 0, right: 1, bottom: 0, top: 1 }, box)
    const zoomed = zoomAt(view, box, 120, 40, 3)
    expect(toPlaneX(zoomed, box, 120)).toBeCloseTo(toPlaneX(view, box, 120))
    expect(toPlaneY(zoomed, box, 40)).toBeCloseTo(toPlaneY(view, box, 40))
    const panned = panBy(view, 10, -5)
    expect(toPixelX(panned, box, 0.5)).toBeCloseTo(toPixelX(view, box, 0.5) + 10)
    expect(toPixelY(panned, box, 0.5)).toBeCloseTo(toPixelY(view, box, 0.5) - 5)
  })

  it('goes into the address and back, and ignores what is no view', () => {
    expect(parseView(formatView({ x: 1.25, y: -0.5, scale: 180 }))).toEqual({ x: 1.25, y: -0.5, scale: 180 })
    for (const text of ['', '1,2', '1,2,-3', 'a,b,c']) expect(parseView(text)).toBeNull()
  })

  it('leaves points that are no numbers out of its bounds', () => {
    expect(boundsOf(Float32Array.of(0, 1, Number.NaN, 9, 2, 3))).toEqual({ left: 0, right: 2, bottom: 1, top: 3 })
    expect(boundsOf(new Float32Array())).toBeNull()
  })
})

describe('the nearest point', () => {
  it('is the one that a search of all finds', () => {
    const coordinate = fc.integer({ min: -20, max: 20 }).map((n) => n / 7)
    const point = fc.tuple(coordinate, coordinate)
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 60 }), point, (points, [x, y]) => {
        const xy = Float32Array.from(points.flat())
        const away = (at: number) => Math.hypot(xy[2 * at]! - x, xy[2 * at + 1]! - y)
        const found = pointGrid(xy).nearest(x, y, 0.8)
        const least = Math.min(...points.map((_, at) => away(at)))
        if (found === -1) expect(least).toBeGreaterThanOrEqual(0.8 - 1e-6)
        else expect(away(found)).toBeCloseTo(least, 6)
      }),
    )
  })

  it('looks only at the points that count', () => {
    const xy = Float32Array.of(0, 0, 1, 0, 5, 5)
    expect(pointGrid(xy, Int32Array.of(1, 2)).nearest(0.1, 0, 2)).toBe(1)
    expect(pointGrid(xy, new Int32Array()).nearest(0, 0, 2)).toBe(-1)
  })
})

describe('the lasso', () => {
  const loop = [0, 0, 4, 0, 4, 4, 2, 1, 0, 4]

  it('holds what lies inside its loop, dents left out', () => {
    expect(isInside(loop, 1, 1)).toBe(true)
    expect(isInside(loop, 2, 3)).toBe(false)
    const xy = Float32Array.of(1, 1, 2, 3, 3.5, 2, 9, 9)
    expect([...pointsInside(loop, xy, Int32Array.of(0, 1, 2, 3))]).toEqual([0, 2])
    expect([...pointsInside(loop, xy, Int32Array.of(1, 2))]).toEqual([2])
  })

  it('holds nothing before it has three corners', () => {
    expect([...pointsInside([0, 0, 1, 1], Float32Array.of(0.5, 0.5), Int32Array.of(0))]).toEqual([])
  })

  it('keeps 40 corners at most, and reads back from the address', () => {
    const circle = Array.from({ length: 500 }, (_, at) => [Math.cos(at / 80), Math.sin(at / 80)]).flat()
    expect(thinned(circle)).toHaveLength(80)
    expect(thinned(loop)).toEqual(loop)
    expect(parseLoop(formatLoop(loop))).toEqual(loop)
    for (const text of ['', '1,2,3,4', '1,2,3,4,5', '1,2,3,4,x,6']) expect(parseLoop(text)).toBeNull()
  })
})
