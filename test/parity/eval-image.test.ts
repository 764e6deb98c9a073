import { it } from 'vitest'
import { z } from 'zod'
import { pictureErrors, psnr } from '../../src-main/evaluation/image-errors.ts'
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
    identical: z.object({ psnr: z.literal('Infinity') }),
  }),
  tolerance: z.object({ 'l1, mse': tolerance, psnr: tolerance }),
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
})
