import { expect, it } from 'vitest'
import type { Sample } from '../../pictures/sample.ts'
import { layerName } from './CodeCard.tsx'

const withMaps = (...sides: number[]): Sample =>
  ({ layers: sides.map((side) => ({ grid: { rows: side, columns: side } })) }) as unknown as Sample

it('says of a layer whether it is coarse, fine or between, and nothing where all are of one size', () => {
  const pyramid = withMaps(1, 2, 4, 8, 8)
  expect([0, 1, 2, 3, 4].map((layer) => layerName(pyramid, layer))).toEqual([
    '0 (coarse, 1 × 1)',
    '1 (middle, 2 × 2)',
    '2 (middle, 4 × 4)',
    '3 (fine, 8 × 8)',
    '4 (fine, 8 × 8)',
  ])
  expect(layerName(withMaps(4, 4), 1)).toBe('1 (4 × 4)')
})
