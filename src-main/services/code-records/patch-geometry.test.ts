import { describe, expect, it } from 'vitest'
import { cutPatch, patchRegion } from './patch-geometry.ts'

/** A picture whose red is x, green is y. */
function coordinates(side: number): Uint8Array {
  const picture = new Uint8Array(side * side * 3)
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) picture.set([x, y, 9], (y * side + x) * 3)
  return picture
}
const pixel = (patch: Uint8Array, size: number, x: number, y: number) => [
  ...patch.subarray((y * size + x) * 4, (y * size + x) * 4 + 4),
]

describe('a patch of a picture', () => {
  it('is the receptive cell: side of the picture by side of the map, at the cell in raster order', () => {
    const region = patchRegion({ rows: 4, columns: 4 }, 6, 32, 0)
    expect(region).toEqual({ x: 16, y: 8, size: 8 })
    const patch = cutPatch(coordinates(32), 32, region)
    expect(pixel(patch, 8, 0, 0)).toEqual([16, 8, 9, 255])
    expect(pixel(patch, 8, 7, 7)).toEqual([23, 15, 9, 255])
  })

  it('keeps the cell in its middle when surroundings are asked for, transparent beyond the picture', () => {
    const region = patchRegion({ rows: 4, columns: 4 }, 0, 32, 1)
    expect(region).toEqual({ x: -8, y: -8, size: 24 })
    const patch = cutPatch(coordinates(32), 32, region)
    expect(pixel(patch, 24, 7, 7)).toEqual([0, 0, 0, 0])
    expect(pixel(patch, 24, 8, 8)).toEqual([0, 0, 9, 255])
    expect(pixel(patch, 24, 23, 8)).toEqual([15, 0, 9, 255])
  })

  it('covers every pixel of a cell whose map does not divide the picture', () => {
    const grid = { rows: 3, columns: 3 }
    for (let cell = 0; cell < 9; cell++) {
      const { x, y, size } = patchRegion(grid, cell, 32, 0)
      expect(x).toBeLessThanOrEqual(((cell % 3) * 32) / 3)
      expect(x + size).toBeGreaterThanOrEqual(Math.floor((((cell % 3) + 1) * 32) / 3))
      expect(y + size).toBeGreaterThanOrEqual(Math.floor(((Math.floor(cell / 3) + 1) * 32) / 3))
    }
  })
})
