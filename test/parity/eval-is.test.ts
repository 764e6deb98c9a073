import { expect, it } from 'vitest'
import { z } from 'zod'
import { inceptionScore, SPLITS } from '../../src-main/evaluation/images/inception-score.ts'
import { describeReference, expectClose } from './reference.ts'

const score = z.object({ mean: z.number(), std: z.number() })
const within = z.object({ atol: z.number().default(0), rtol: z.number().default(0) })
const caseSchema = z.object({
  inputs: z.object({ uneven_rows: z.int() }),
  expected: z.object({ ten: score, one: score, uneven: score, shuffled: score, ten_parts: z.array(z.number()) }),
  tolerance: z.object({ mean: within, std: within }),
})

describeReference('eval-is', (reference) => {
  const { inputs, expected, tolerance } = reference.read(caseSchema)
  const { floats: logits, shape } = reference.input('logits')
  const classes = shape[1] as number
  const uneven = logits.subarray(0, inputs.uneven_rows * classes)
  const order = reference.input('permutation').integers

  it.each([
    ['ten', () => inceptionScore(logits, classes, SPLITS)],
    ['one', () => inceptionScore(logits, classes, 1)],
    ['uneven', () => inceptionScore(uneven, classes, SPLITS)],
    ['shuffled', () => inceptionScore(logits, classes, SPLITS, order)],
  ] as const)('gives the Inception Score "%s", mean and deviation', (name, measure) => {
    const { mean, std } = measure()
    expectClose([mean], [expected[name].mean], tolerance.mean.atol, tolerance.mean.rtol, `${name}.mean`)
    expectClose([std], [expected[name].std], tolerance.std.atol, tolerance.std.rtol, `${name}.std`)
  })

  it('gives the score of each part', () => {
    const { parts } = inceptionScore(logits, classes, expected.ten_parts.length)
    expectClose(parts, expected.ten_parts, tolerance.mean.atol, tolerance.mean.rtol, 'ten_parts')
    expect(parts).toHaveLength(SPLITS)
  })
})
