import sharp from 'sharp'
import { expect, test } from 'vitest'
import type { PictureSet } from './picture-set.ts'
import { contactSheet, encodePng } from './png.ts'

const decode = async (png: Uint8Array) => {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true })
  return { data: [...data], width: info.width, height: info.height, channels: info.channels }
}

/** Picture i is plainly of colour (i, i, i). */
const setOf = (count: number): PictureSet => ({
  resolution: 32,
  count,
  pixels: (at) => new Uint8Array(32 * 32 * 3).fill(at),
  pictures: [],
  training: [],
  heldOut: [],
  unreadable: [],
  unreadableCount: 0,
  checksum: '',
  offered: count,
  trainingCount: 0,
  epoch: 0,
  batch: () => Promise.reject(new Error('none is asked for')),
  close: async () => {},
})

test('pixels come back from a PNG as they went in', async () => {
  const pixels = Uint8Array.from({ length: 5 * 3 * 3 }, (_, at) => at * 5)
  expect(await decode(await encodePng(pixels, 5, 3))).toEqual({ data: [...pixels], width: 5, height: 3, channels: 3 })
})

test('a contact sheet shows pictures from the whole set, row by row, and white beyond the last', async () => {
  const sheet = await decode(await contactSheet(setOf(100), { columns: 2, limit: 3 }))
  expect([sheet.width, sheet.height]).toEqual([64, 64])
  const at = (column: number, row: number) =>
    sheet.data[((row * 32 + 9) * sheet.width + column * 32 + 9) * sheet.channels]
  expect([at(0, 0), at(1, 0), at(0, 1), at(1, 1)]).toEqual([0, 33, 66, 255])
})

test('a sheet is no wider than its pictures', async () => {
  const sheet = await decode(await contactSheet(setOf(2), { columns: 10, limit: 50 }))
  expect([sheet.width, sheet.height]).toEqual([64, 32])
})

test('a sheet of nothing is refused', async () => {
  await expect(contactSheet(setOf(2), { columns: 0, limit: 5 })).rejects.toThrow('0 columns')
  await expect(contactSheet(setOf(2), { columns: 3, limit: 0 })).rejects.toThrow('at most 0 of 2 pictures')
})
