import { expect, it } from 'vitest'
import { z } from 'zod'
import { pictureErrors, psnr } from '../../src-main/evaluation/image-errors.ts'
import { bilinearWeights } from '../../src-main/evaluation/resize.ts'
import { ssim } from '../../src-main/evaluation/structural-similarity.ts'
import { describeReference, expectClose } from './reference.ts'

const numbers = z.array(z.number())
const tolerance = z.object({ atol: z.number().default(0), rtol: z.number().default(0) })
const caseSchema = z.object({
  expected: z.object({
    l1: numbers,
    mse: numbers,
    l1_all: z.number(),
    mse_all: z.number(),
    psnr: numbers,
    psnr_mean: z.number(),
    psnr_pooled: z.number(),
    ssim: numbers,
    identical: z.object({ psnr: z.literal('Infinity'), ssim: z.number() }),
  }),
  tolerance: z.object({ 'l1, mse': tolerance, psnr: tolerance, ssim: tolerance, '8-bit': tolerance }),
})

describeReference('eval-image', (reference) => {
  const { expected, tolerance } = reference.read(caseSchema)
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
    expectClose([psnr(x.floats, x.floats, 1)], [Number(expected.identical.psnr)], 0, 0, 'identical.psnr')
  })

  it('computes SSIM of each picture as scikit-image does, and 1 of identical ones', () => {
    const [, height, width, channels] = x.shape as [number, number, number, number]
    const size = height * width * channels
    const shape = { height, width, channels }
    const { atol, rtol } = tolerance.ssim
    const got = expected.ssim.map((_, at) =>
      ssim(x.floats.subarray(at * size, (at + 1) * size), y.floats.subarray(at * size, (at + 1) * size), shape, 1),
    )
    expectClose(got, expected.ssim, atol, rtol, 'ssim')
    const first = x.floats.subarray(0, size)
    expectClose([ssim(first, first, shape, 1)], [expected.identical.ssim], atol, rtol, 'identical.ssim')
  })

  it('resizes as Pillow does with its bilinear filter, but for its rounding', () => {
    const photo = reference.input('photo')
    const [height, width, channels] = photo.shape as [number, number, number]
    const pixels = photo.numbers
    const wanted = reference
      .names('expected', 'pillow.bilinear.')
      .filter((name) => /\.\d+x\d+$/.test(name) && !name.includes('gray'))
    expect(wanted.length).toBeGreaterThan(0)
    for (const name of wanted) {
      const [to, down] = (name.split('.').at(-1) as string).split('x').map(Number) as [number, number]
      const [across, along] = [bilinearWeights(width, to), bilinearWeights(height, down)]
      const got = new Float32Array(down * to * channels)
      for (let row = 0; row < down; row++)
        for (let column = 0; column < to; column++)
          for (let channel = 0; channel < channels; channel++) {
            let sum = 0
            for (let v = 0; v < height; v++)
              for (let u = 0; u < width; u++)
                sum +=
                  (along[row * height + v] as number) *
                  (across[column * width + u] as number) *
                  (pixels[(v * width + u) * channels + channel] as number)
            got[(row * to + column) * channels + channel] = Math.round(sum)
          }
      reference.expectTensor(name, got)
    }
  })
})
