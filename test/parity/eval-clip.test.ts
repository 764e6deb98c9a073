import { it } from 'vitest'
import { z } from 'zod'
import { clipScores } from '../../src-main/evaluation/images/clip-score.ts'
import { describeReference, expectClose } from './reference.ts'

const scores = z.object({
  cosine: z.array(z.number()),
  cosine_mean: z.number(),
  scaled_100_clamped_each: z.number(),
  scaled_100_clamped_mean: z.number(),
  scaled_2_5_clamped_each: z.number(),
})
const within = z.object({ atol: z.number().default(0), rtol: z.number().default(0) })
const caseSchema = z.object({
  expected: z.object({ mixed: scores, negative: scores }),
  tolerance: z.object({ cosine: within, cosine_mean: within, scaled: within }),
})

describeReference('eval-clip', (reference) => {
  const { expected, tolerance } = reference.read(caseSchema)
  const images = reference.input('image')
  const width = images.shape[1] as number

  it.each([
    ['mixed', 'text'],
    ['negative', 'text_negative'],
  ] as const)('gives the CLIP scores of the "%s" pairs in all four conventions', (name, texts) => {
    const text = reference.input(texts).floats
    const got = clipScores(images.floats.subarray(0, text.length), text, width)
    const want = expected[name]
    const close = (value: number, wanted: number, { atol, rtol }: z.infer<typeof within>, what: string) =>
      expectClose([value], [wanted], atol, rtol, `${name}.${what}`)
    expectClose(got.cosine, want.cosine, tolerance.cosine.atol, tolerance.cosine.rtol, `${name}.cosine`)
    close(got.cosineMean, want.cosine_mean, tolerance.cosine_mean, 'cosine_mean')
    close(got.scaled2_5ClampedEach, want.scaled_2_5_clamped_each, tolerance.scaled, 'scaled_2_5_clamped_each')
    close(got.scaled100ClampedEach, want.scaled_100_clamped_each, tolerance.scaled, 'scaled_100_clamped_each')
    close(got.scaled100ClampedMean, want.scaled_100_clamped_mean, tolerance.scaled, 'scaled_100_clamped_mean')
  })
})
