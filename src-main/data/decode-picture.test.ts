import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { decodePicture as decode } from './decode-picture.ts'
import type { PictureFormat } from './source.ts'

const RASTER: PictureFormat[] = ['jpeg', 'png', 'webp', 'gif', 'heif', 'tiff']
const decodePicture = (bytes: Uint8Array, side: number, background: string, formats: readonly PictureFormat[]) =>
  decode({ bytes, background, formats }, side)
const plain = (
  width: number,
  height: number,
  background: string | { r: number; g: number; b: number; alpha: number },
) => sharp({ create: { width, height, channels: 4, background } })
const pixel = (pixels: Uint8Array, side: number, x: number, y: number): number[] => [
  ...pixels.subarray((y * side + x) * 3, (y * side + x) * 3 + 3),
]

test('transparent parts show the background', async () => {
  const clear = await plain(64, 64, { r: 0, g: 255, b: 0, alpha: 0 }).png().toBuffer()
  expect(pixel(await decodePicture(clear, 32, '#123456', RASTER), 32, 5, 5)).toEqual([0x12, 0x34, 0x56])
  const half = await plain(64, 64, { r: 255, g: 0, b: 0, alpha: 0.5 }).png().toBuffer()
  const [red, green] = pixel(await decodePicture(half, 32, '#ffffff', RASTER), 32, 5, 5)
  expect(red).toBe(255)
  expect(Math.abs((green as number) - 127)).toBeLessThanOrEqual(2)
})

test('the shorter side is fitted and the middle is kept', async () => {
  const side = 60
  const stripes = await sharp({ create: { width: 3 * side, height: side, channels: 3, background: '#ff0000' } })
    .composite([{ input: await plain(side, side, '#0000ff').png().toBuffer(), left: side, top: 0 }])
    .png()
    .toBuffer()
  const pixels = await decodePicture(stripes, 32, '#ffffff', RASTER)
  for (const [x, y] of [
    [3, 3],
    [16, 16],
    [28, 28],
  ] as const)
    expect(pixel(pixels, 32, x, y)).toEqual([0, 0, 255])
})

test('grey, 16-bit, CMYK, palette and small pictures all become RGB of the wanted side', async () => {
  const grey = { r: 128, g: 128, b: 128, alpha: 1 }
  const files = [
    await plain(40, 50, grey).removeAlpha().toColourspace('b-w').png().toBuffer(),
    await plain(40, 50, grey).toColourspace('b-w').png().toBuffer(),
    await plain(40, 50, grey).toColourspace('rgb16').png().toBuffer(),
    await plain(40, 50, grey).removeAlpha().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
    await plain(40, 50, grey).png({ palette: true }).toBuffer(),
    await plain(3, 2, grey).gif().toBuffer(),
    await plain(40, 50, grey).avif({ quality: 90 }).toBuffer(),
    await plain(40, 50, grey).tiff().toBuffer(),
  ]
  for (const file of files) {
    // Inks have another gamut.
    const tolerance = (await sharp(file).metadata()).space === 'cmyk' ? 16 : 2
    const pixels = await decodePicture(file, 64, '#ffffff', RASTER)
    expect(pixels).toHaveLength(64 * 64 * 3)
    for (const value of pixel(pixels, 64, 30, 30)) expect(Math.abs(value - 128)).toBeLessThanOrEqual(tolerance)
  }
})

test('a picture lying on its side is turned as its EXIF tag says', async () => {
  const rows = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#ff0000' } })
    .composite([{ input: await plain(64, 32, '#0000ff').png().toBuffer(), left: 0, top: 32 }])
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 100 })
    .toBuffer()
  const pixels = await decodePicture(rows, 32, '#ffffff', RASTER)
  // A quarter turn clockwise: what was at the bottom is on the left.
  expect(pixel(pixels, 32, 4, 16)[2]).toBeGreaterThan(200)
  expect(pixel(pixels, 32, 27, 16)[0]).toBeGreaterThan(200)
})

test('a drawing is rendered sharp at every size', async () => {
  const drawing = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72"><rect x="36" width="36" height="72"/></svg>',
  )
  for (const side of [32, 256]) {
    const pixels = await decodePicture(drawing, side, '#ffffff', ['svg'])
    expect(pixel(pixels, side, side / 2 - 3, side / 2)[0]).toBeGreaterThan(240)
    expect(pixel(pixels, side, side / 2 + 2, side / 2)[0]).toBeLessThan(15)
  }
})

test('a file that claims a huge size is refused before it is decoded', async () => {
  const bomb = await plain(8, 8, '#ff0000').png().toBuffer()
  // Width and height in the header chunk, and its check sum.
  bomb.writeUInt32BE(60_000, 16)
  bomb.writeUInt32BE(60_000, 20)
  bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29)
  const before = process.memoryUsage().rss
  await expect(decodePicture(bomb, 32, '#ffffff', RASTER)).rejects.toThrow(/pixel limit/)
  const wide = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="60000" height="60000"><rect width="9" height="9"/></svg>`,
  )
  await expect(decodePicture(wide, 32, '#ffffff', ['svg'])).rejects.toThrow(/pixel limit/)
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6)
})

test('content that is not one of the formats is refused by what it is, not by its name', async () => {
  const drawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="72" height="72"></svg>')
  await expect(decodePicture(drawing, 32, '#ffffff', RASTER)).rejects.toThrow('its content is svg, which is not read')
  await expect(decodePicture(Buffer.from('hello'), 32, '#ffffff', RASTER)).rejects.toThrow()
  await expect(decodePicture(new Uint8Array(0), 32, '#ffffff', RASTER)).rejects.toThrow()
})

test('a truncated picture is refused', async () => {
  const noise = await sharp({
    create: {
      width: 128,
      height: 128,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
    .jpeg()
    .toBuffer()
  await expect(decodePicture(noise.subarray(0, noise.length / 2), 32, '#ffffff', RASTER)).rejects.toThrow()
})
