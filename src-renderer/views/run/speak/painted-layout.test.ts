import { expect, it } from 'vitest'
import { GAP, PICTURE, paintedLayout } from './painted-layout.ts'

it.each([1, 2, 4, 6])('puts %i maps beside the picture, never higher than it', (layers) => {
  const { columns, map, width } = paintedLayout(layers)
  const rows = Math.ceil(layers / columns)
  expect(rows * map + (rows - 1) * GAP).toBeLessThanOrEqual(PICTURE)
  expect(width).toBe(PICTURE + columns * (map + GAP))
})
it('keeps the maps of four layers as large as those of two', () => {
  expect(paintedLayout(4).map).toBe(paintedLayout(2).map)
})
