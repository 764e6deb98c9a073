import { describe, expect, it } from 'vitest'
import { clampViewport, panBy, reveal, toPicture, toTile, WHOLE, zoomAbout } from './viewport.ts'

describe('viewport', () => {
  it('keeps the point under the pointer where it is while zooming', () => {
    const before = toPicture(WHOLE, 0.3, 0.7)
    const after = toPicture(zoomAbout(WHOLE, 0.3, 0.7, 2, 64), 0.3, 0.7)
    expect(after.x).toBeCloseTo(before.x, 12)
    expect(after.y).toBeCloseTo(before.y, 12)
  })
  it('never shows anything beyond the edge of the picture', () => {
    const view = clampViewport({ x: 0, y: 2, zoom: 2 }, 64)
    expect(view).toEqual({ x: 0.25, y: 0.75, zoom: 2 })
    expect(panBy(WHOLE, 0.4, 0, 64)).toEqual(WHOLE)
  })
  it('zooms to four pixels across and no further', () => {
    expect(zoomAbout(WHOLE, 0.5, 0.5, 1000, 32).zoom).toBe(8)
    expect(zoomAbout(WHOLE, 0.5, 0.5, 0.01, 32)).toEqual(WHOLE)
  })
  it('follows the hand while panning', () => {
    const view = { x: 0.5, y: 0.5, zoom: 4 }
    const before = toPicture(view, 0.5, 0.5)
    const after = toPicture(panBy(view, 0.1, -0.2, 64), 0.6, 0.3)
    expect(after.x).toBeCloseTo(before.x, 12)
    expect(after.y).toBeCloseTo(before.y, 12)
  })
  it('maps rectangles to the tile as points map back', () => {
    const view = { x: 0.4, y: 0.6, zoom: 3 }
    const tile = toTile(view, { x: 0.5, y: 0.5, width: 0.1, height: 0.1 })
    const back = toPicture(view, tile.x, tile.y)
    expect(back.x).toBeCloseTo(0.5, 12)
    expect(back.y).toBeCloseTo(0.5, 12)
    expect(tile.width).toBeCloseTo(0.3, 12)
  })
  it('moves as little as brings a cell into sight, and not at all where it is in sight', () => {
    const view = { x: 0.5, y: 0.5, zoom: 4 }
    expect(reveal(view, { x: 0.45, y: 0.45, width: 0.1, height: 0.1 }, 64)).toEqual(view)
    const moved = reveal(view, { x: 0.75, y: 0.5, width: 0.125, height: 0.125 }, 64)
    expect(moved.x).toBeCloseTo(0.75, 12)
    expect(moved.y).toBeCloseTo(0.5, 12)
  })
})
