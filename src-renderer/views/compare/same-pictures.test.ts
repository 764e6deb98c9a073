import { expect, it } from 'vitest'
import { recordedSample } from '../../../test/fixtures/recorded-sample.ts'
import { samePicture } from './same-pictures.ts'

const sample = (input: number[], side = 1) =>
  recordedSample({
    step: 0,
    pictures: input.length / (3 * side * side),
    side,
    input: Uint8Array.from(input),
    reconstruction: Uint8Array.from(input),
    captions: [],
  })

it('compares one picture only, not the whole set', () => {
  const a = sample([1, 2, 3, 4, 5, 6])
  const b = sample([1, 2, 3, 9, 9, 9])
  expect(samePicture(a, b, 0)).toBe(true)
  expect(samePicture(a, b, 1)).toBe(false)
})

it('says no for other sizes and for pictures that one run does not have', () => {
  expect(samePicture(sample([1, 2, 3]), sample(new Array(12).fill(1), 2), 0)).toBe(false)
  expect(samePicture(sample([1, 2, 3, 4, 5, 6]), sample([1, 2, 3]), 1)).toBe(false)
})
