import { expect, it } from 'vitest'
import { encodeSafetensors } from '../../src-shared/safetensors.ts'
import { pictureOf, picturesOf } from './stored-pictures.ts'

const file = encodeSafetensors({
  pictures: { dtype: 'U8', shape: [2, 1, 1, 3], data: Uint8Array.from([1, 2, 3, 4, 5, 6]) },
  flat: { dtype: 'U8', shape: [2, 3], data: new Uint8Array(6) },
})

it('reads several pictures, opaque', () => {
  expect(picturesOf(file, 'pictures').map(({ data }) => [...data])).toEqual([
    [1, 2, 3, 255],
    [4, 5, 6, 255],
  ])
})
it('names a tensor that is missing or no picture', () => {
  expect(() => picturesOf(file, 'picture')).toThrow('"picture" is missing; it holds pictures, flat')
  expect(() => pictureOf(file, 'flat')).toThrow('U8 [2, 3], expected')
})
