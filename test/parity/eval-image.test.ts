import { expect, it } from 'vitest'
import { z } from 'zod'
import { pictureErrors, psnr } from '../../src-main/evaluation/image-errors.ts'
import {
  cropped,
  type Filter,
  filterTaps,
  halfPixelTaps,
  paddedToSquare,
  type Raster,
  resampled,
  resampledBytes,
  type Taps,
  tf1Taps,
} from '../../src-main/evaluation/resampling.ts'
import { ssim, ssimLlamaGen, ssimTorchmetrics } from '../../src-main/evaluation/structural-similarity.ts'
import { describeReference, expectClose } from './reference.ts'

const numbers = z.array(z.number())
/** In decibels; JSON has no infinite numbers, so the case spells them. */
const decibels = z.union([z.number(), z.literal('Infinity').transform(Number)])
const tolerance = z.object({ atol: z.number().default(0), rtol: z.number().default(0) })
const caseSchema = z.object({
  inputs: z.object({
    rows_299: z.array(z.int()),
    square: z.object({ color: z.array(z.int()), wide: z.string(), tall: z.string() }),
  }),
  expected: z.object({
    l1: numbers,
    mse: numbers,
    l1_all: z.number(),
    mse_all: z.number(),
    psnr: z.array(decibels),
    psnr_mean: decibels,
    psnr_pooled: decibels,
    ssim: numbers,
    ssim_mean: z.number(),
    ssim_torchmetrics: numbers,
    ssim_llamagen: numbers,
    identical: z.object({ psnr: decibels, ssim: z.number() }),
  }),
  tolerance: z.object({ 'l1, mse': tolerance, psnr: tolerance, ssim: tolerance, '8-bit': tolerance }),
})

describeReference('eval-image', (reference) => {
  const { inputs, expected, tolerance } = reference.read(caseSchema)
  const x = reference.input('x')
  const y = reference.input('y')
  // The pairs hold values in 0..1.
  const errors = pictureErrors(x.floats, y.floats, x.shape[0] ?? 0, 1)

  it('computes L1 and MSE of each picture and of the batch', () => {
    const { atol, rtol } = tolerance['l1, mse']
    expectClose(errors.l1, expected.l1, atol, rtol, 'l1')
    expectClose(errors.mse, expected.mse, atol, rtol, 'mse')
    expectClose([errors.l1Mean], [expected.l1_all], atol, rtol, 'l1_all')
    expectClose([errors.mseMean], [expected.mse_all], atol, rtol, 'mse_all')
  })

  it('computes PSNR of each picture, their mean, and the pooled one', () => {
    const { atol, rtol } = tolerance.psnr
    expectClose(errors.psnr, expected.psnr, atol, rtol, 'psnr')
    expectClose([errors.psnrMean], [expected.psnr_mean], atol, rtol, 'psnr_mean')
    expectClose([errors.psnrPooled], [expected.psnr_pooled], atol, rtol, 'psnr_pooled')
  })

  it('gives identical pictures an infinite PSNR', () => {
    expectClose([psnr(x.floats, x.floats, 1)], [expected.identical.psnr], 0, 0, 'identical.psnr')
  })

  const [, height, width, channels] = x.shape as [number, number, number, number]
  const size = height * width * channels
  const shape = { height, width, channels }

  it.each([
    ['scikit-image', ssim, expected.ssim],
    ['torchmetrics', ssimTorchmetrics, expected.ssim_torchmetrics],
    ['LlamaGen', ssimLlamaGen, expected.ssim_llamagen],
  ] as const)('computes SSIM of each picture as %s does, and 1 of identical ones', (name, measure, want) => {
    const { atol, rtol } = tolerance.ssim
    const got = want.map((_, at) =>
      measure(x.floats.subarray(at * size, (at + 1) * size), y.floats.subarray(at * size, (at + 1) * size), shape, 1),
    )
    expectClose(got, want, atol, rtol, name)
    const first = x.floats.subarray(0, size)
    expectClose([measure(first, first, shape, 1)], [expected.identical.ssim], atol, rtol, 'identical.ssim')
    if (measure !== ssim) return
    const mean = got.reduce((sum, value) => sum + value, 0) / got.length
    expectClose([mean], [expected.ssim_mean], atol, rtol, 'ssim_mean')
  })

  const photo = picture('photo')
  const gray = picture('gray')
  /** "pillow.bicubic.gray.9x8" → its parts, and [width, height]. */
  const sizeOf = (name: string) => (name.split('.').at(-1) as string).split('x').map(Number) as [number, number]

  it.each(reference.names('expected', 'pillow.'))(
    'resizes 8-bit pictures as Pillow does, byte for byte: %s',
    (name) => {
      const filter = name.split('.')[1] as Filter
      const [to, down] = sizeOf(name)
      const { data } = resampledBytes(name.includes('.gray.') ? gray : photo, to, down, filter)
      reference.expectTensor(name, data)
      // Bytes are the goal, beyond what the case allows.
      expectClose(data, reference.expected(name).numbers, 0, 0, name)
    },
  )

  const taps: Record<string, (from: number, to: number) => Taps> = { tf1: tf1Taps, half_pixel: halfPixelTaps }
  for (const [kind, of] of Object.entries(taps)) {
    it.each(reference.names('expected', `${kind}.`).filter((name) => !name.includes('rows_')))(
      `resizes floats by "${kind}": %s`,
      (name) => {
        const values = reference.input('values')
        const [count, height, width, channels] = values.shape as [number, number, number, number]
        const [to, down] = sizeOf(name)
        const got = Array.from({ length: count }, (_, at) =>
          resampled({ width, height, channels, data: values.row(at) }, of(width, to), of(height, down)),
        )
        reference.expectTensor(name, Float32Array.from(got.flatMap(({ data }) => [...data])))
      },
    )

    it(`resizes to what Inception takes by "${kind}", in the rows that the case has`, () => {
      const channel = reference.input('channel')
      const [height, width] = channel.shape as [number, number]
      const name = `${kind}.rows_299`
      const side = reference.expected(name).shape[1] as number
      const { data } = resampled(
        { width, height, channels: 1, data: channel.floats },
        of(width, side),
        of(height, side),
      )
      reference.expectTensor(
        name,
        inputs.rows_299.flatMap((row) => [...data.subarray(row * side, (row + 1) * side)]),
      )
    })
  }

  it.each(reference.names('expected', 'clean.'))('resizes as clean-fid does: %s', (name) => {
    const [to, down] = sizeOf(name)
    const { data } = resampled(photo, filterTaps(photo.width, to, 'bicubic'), filterTaps(photo.height, down, 'bicubic'))
    reference.expectTensor(
      name,
      data.map((value) => Math.min(255, Math.max(0, value))),
    )
  })

  it('pads to a square as LLaVA does, and leaves a square alone', () => {
    for (const name of ['wide', 'tall'] as const) {
      const { data } = paddedToSquare(partOf(photo, inputs.square[name]), inputs.square.color)
      reference.expectTensor(`square.${name}`, data)
    }
    const square = cropped(photo, 1, 1, 5, 5)
    expect(paddedToSquare(square, inputs.square.color)).toBe(square)
  })

  function picture(name: string): Raster<Uint8Array> {
    const { shape, bytes } = reference.input(name)
    const [height, width, channels = 1] = shape as [number, number, number?]
    return { width, height, channels, data: bytes }
  }
})

/** "photo[:13, :]" and "photo[:, :16]": the first rows or columns. */
function partOf(picture: Raster<Uint8Array>, words: string): Raster<Uint8Array> {
  const [, rows, columns] = /\[:(\d*), :(\d*)\]$/.exec(words) ?? []
  if (rows === undefined || columns === undefined) throw new Error(`a part of a picture that is not known: ${words}`)
  return cropped(picture, 0, 0, Number(columns || picture.width), Number(rows || picture.height))
}
