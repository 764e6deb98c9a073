import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { type Crop, type CropDraw, halved, planCrop } from './crop.ts'
import { decodePicture } from './decode-picture.ts'
import { mirror, trainingDraw } from './training-draw.ts'

const SIDE = 32
/** A picture 96 wide and 64 high whose red is its column and whose green is its row. */
let ramp: Buffer
beforeAll(async () => {
  const pixels = new Uint8Array(96 * 64 * 3)
  for (let y = 0; y < 64; y++) for (let x = 0; x < 96; x++) pixels.set([x * 2, y * 2, 0], (y * 96 + x) * 3)
  ramp = await sharp(pixels, { raw: { width: 96, height: 64, channels: 3 } })
    .png()
    .toBuffer()
})
const decode = (crop: Crop, draw: CropDraw | null) =>
  decodePicture({ bytes: ramp, background: '#ffffff', formats: ['png'] }, SIDE, crop, draw)
/** Column and row of the picture that the square begins and ends at, in pixels of the picture. */
async function edges(crop: Crop, draw: CropDraw | null): Promise<[number, number, number, number]> {
  const pixels = await decode(crop, draw)
  const last = (SIDE * SIDE - 1) * 3
  return [
    (pixels[0] as number) / 2,
    (pixels[1] as number) / 2,
    (pixels[last] as number) / 2,
    (pixels[last + 1] as number) / 2,
  ]
}
const draw = (size: number, left: number, top: number): CropDraw => ({ size, left, top })

test('held out, every crop keeps the middle of the picture over its whole height', async () => {
  for (const crop of ['cover', 'taming', 'rq', 'adm', 'random-resized'] as const) {
    const [left, top, right, bottom] = await edges(crop, null)
    expect(Math.abs(left - 16.5), `${crop} left`).toBeLessThan(1.6)
    expect(Math.abs(right - 78.5), `${crop} right`).toBeLessThan(1.6)
    expect([top < 1.6, bottom > 61.4], crop).toEqual([true, true])
  }
})

test('in training, taming takes any square of the shorter side and rq, adm and cover the middle', async () => {
  for (const [chance, left] of [
    [0, 0],
    [0.5, 16],
    [0.999, 32],
  ] as const)
    expect(Math.abs((await edges('taming', draw(0, chance, chance)))[0] - left)).toBeLessThan(2)
  for (const crop of ['cover', 'rq', 'adm'] as const)
    expect(await decode(crop, draw(0.9, 0, 0))).toEqual(await decode(crop, null))
})

test('random-resized takes 80 to 100 % of the shorter side from anywhere', async () => {
  const [left, top, right, bottom] = await edges('random-resized', draw(0.999, 0, 0))
  // 32 of the 40 pixels that the shorter side is scaled to.
  expect([left < 2, top < 2]).toEqual([true, true])
  expect([right, bottom].map((edge) => Math.abs(edge - 64 * 0.8) < 2.5)).toEqual([true, true])
  const [, , wideRight, wideBottom] = await edges('random-resized', draw(0, 0, 0))
  expect([wideRight, wideBottom].map((edge) => edge > 60)).toEqual([true, true])
  const far = await edges('random-resized', draw(0.999, 0.999, 0.999))
  expect([far[2] > 93, far[3] > 61]).toEqual([true, true])
})

test('the longer side is scaled as each paper’s code does, and the middle of an odd rest is where it cuts it', () => {
  // 100 × 67 at 32: 47.76 wide. torchvision cuts it off, albumentations and ADM round it.
  expect(planCrop('rq', 100, 67, 32, null)).toMatchObject({ width: 47, height: 32, left: 8, top: 0 })
  expect(planCrop('taming', 100, 67, 32, null)).toMatchObject({ width: 48, height: 32, left: 8 })
  expect(planCrop('adm', 67, 100, 32, null)).toMatchObject({ width: 32, height: 48, top: 8, kernel: 'cubic' })
  expect(planCrop('rq', 35, 32, 32, null).left).toBe(2)
  expect(planCrop('adm', 35, 32, 32, null).left).toBe(1)
})

test('ADM halves by boxes while more than twice as large', () => {
  const data = Uint8Array.from({ length: 4 * 4 * 3 }, (_, at) => Math.floor(at / 3))
  expect(halved({ data, width: 4, height: 4 }, 2)).toMatchObject({ width: 2, height: 2 })
  // Rows 0 1 2 3 / 4 5 6 7: mean of columns first, as rounded numbers, then of rows.
  expect([...halved({ data, width: 4, height: 4 }, 2).data].filter((_, at) => at % 3 === 0)).toEqual([3, 5, 11, 13])
  expect(halved({ data, width: 4, height: 4 }, 3).data).toBe(data)
  const odd = halved(
    { data: Uint8Array.from([0, 10, 20, 30, 40].flatMap((v) => [v, v, v, v, v, v])), width: 2, height: 5 },
    1,
  )
  expect([odd.width, odd.height]).toEqual([1, 2])
})

test('ADM’s boxes smooth fine stripes away that one bicubic step of another crop keeps differently', async () => {
  const pixels = new Uint8Array(256 * 256 * 3)
  for (let at = 0; at < 256 * 256; at++) pixels.fill((at % 256) % 3 === 0 ? 255 : 0, at * 3, at * 3 + 3)
  const bytes = await sharp(pixels, { raw: { width: 256, height: 256, channels: 3 } })
    .png()
    .toBuffer()
  const all = await Promise.all(
    (['cover', 'rq', 'adm'] as const).map((crop) =>
      decodePicture({ bytes, background: '#fff', formats: ['png'] }, 32, crop),
    ),
  )
  expect(new Set(all.map((each) => Buffer.from(each).toString('hex'))).size).toBe(3)
})

test('a strip far longer than high is refused rather than scaled', async () => {
  const strip = await sharp({ create: { width: 6000, height: 2, channels: 3, background: '#000' } })
    .png()
    .toBuffer()
  await expect(decodePicture({ bytes: strip, background: '#fff', formats: ['png'] }, 32, 'taming')).rejects.toThrow(
    'it is 6000×2; with data.crop "taming" no side may be over 64 times the other',
  )
})

test('half of the training pictures are mirrored, another half in each epoch', () => {
  const mirrored = (epoch: number) =>
    Array.from({ length: 1000 }, (_, picture) => trainingDraw(5, epoch, picture).mirrored)
  const [one, two] = [mirrored(0), mirrored(1)]
  expect(Math.abs(one.filter(Boolean).length - 500)).toBeLessThan(60)
  expect(Math.abs(one.filter((turned, at) => turned === two[at]).length - 500)).toBeLessThan(60)
  expect(mirrored(0)).toEqual(one)
  const row = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
  mirror(row, 2)
  expect([...row]).toEqual([4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9])
})
