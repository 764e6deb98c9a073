import sharp from 'sharp'
import type { PictureSet } from './picture-set.ts'

/** @param pixels U8 [height, width, 3] */
export const encodePng = async (pixels: Uint8Array, width: number, height: number): Promise<Uint8Array> =>
  sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()

/**
 * A sheet of pictures spread evenly over the set, row by row; empty places are white.
 * @returns PNG
 * @throws RangeError if nothing would be on it
 */
export async function contactSheet(
  pictures: PictureSet,
  { columns, limit }: { columns: number; limit: number },
): Promise<Uint8Array> {
  const shown = Math.min(limit, pictures.count)
  if (!(columns >= 1 && shown >= 1))
    throw new RangeError(`a sheet of ${columns} columns and at most ${limit} of ${pictures.count} pictures is empty`)
  const { resolution: side } = pictures
  const rows = Math.ceil(shown / columns)
  const width = Math.min(columns, shown) * side
  const sheet = new Uint8Array(width * rows * side * 3).fill(255)
  for (let at = 0; at < shown; at++) {
    const pixels = pictures.pixels(Math.floor((at * pictures.count) / shown))
    const [left, top] = [(at % columns) * side, Math.floor(at / columns) * side]
    for (let y = 0; y < side; y++)
      sheet.set(pixels.subarray(y * side * 3, (y + 1) * side * 3), ((top + y) * width + left) * 3)
  }
  return encodePng(sheet, width, rows * side)
}
