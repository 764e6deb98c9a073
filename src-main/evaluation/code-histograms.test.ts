import { expect, it } from 'vitest'
import { codeHistograms, pixelFeatures } from './code-histograms.ts'

it('counts codes layer by layer, whatever their numbers and wherever they stand', () => {
  // Two pictures: a coarse code and four fine ones each; 900 is a code of both layers, which are kept apart.
  const { features, width } = codeHistograms(
    [Int32Array.of(7, 900), Int32Array.of(3, 3, 3, 900, 900, 3, 3, 3)],
    [1, 2],
    2,
  )
  expect(width).toBe(4)
  expect([...features]).toEqual([1, 0, 0.75, 0.25, 0, 1, 0.75, 0.25])
})

it('takes the mean of the references from pixels, and averages large pictures', () => {
  const picture = (values: number[]) => values.flatMap((value) => [value, value, value])
  const pixels = Uint8Array.from([...picture([0, 0, 255, 255]), ...picture([255, 255, 255, 255])])
  const whole = pixelFeatures(pixels, 2, 1)
  expect(whole.width).toBe(12)
  expect([...whole.features.subarray(0, 12)]).toEqual(Array(12).fill(0))
  expect([...whole.features.subarray(12)]).toEqual([...Array(6).fill(1), ...Array(6).fill(0)])
  const halved = pixelFeatures(pixels, 2, 2, 1)
  expect(halved.width).toBe(3)
  expect([...halved.features]).toEqual([-0.25, -0.25, -0.25, 0.25, 0.25, 0.25])
})
