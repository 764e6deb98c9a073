import { expect, it } from 'vitest'
import { encodeSafetensors } from '../../../../src-shared/safetensors.ts'
import { decodePaintings } from './painting.ts'

it('reads each picture with what it was asked for', () => {
  const data = Uint8Array.from({ length: 2 * 2 * 2 * 3 }, (_, at) => at)
  const file = encodeSafetensors(
    { painting: { dtype: 'U8', shape: [2, 2, 2, 3], data } },
    { requests: JSON.stringify(['a red apple', '']) },
  )
  const { step, side, pictures } = decodePaintings(40, file)
  expect([step, side]).toEqual([40, 2])
  expect(pictures.map(({ request }) => request)).toEqual(['a red apple', ''])
  expect([...(pictures[1]?.pixels.slice(0, 8) ?? [])]).toEqual([12, 13, 14, 255, 15, 16, 17, 255])
})

it('says what a file holds that is none', () => {
  const file = encodeSafetensors({ input: { dtype: 'U8', shape: [1], data: Uint8Array.of(1) } })
  expect(() => decodePaintings(1, file)).toThrow('no pictures in it; it holds input')
})
