import { it } from 'vitest'
import { z } from 'zod'
import {
  anyHitUsage,
  batchPerplexity,
  codeHits,
  deadCodes,
  QueueUsage,
  ScaleHitUsage,
  ShareUsage,
  setPerplexity,
  usagePerDepth,
} from '../../src-main/evaluation/codebook-usage.ts'
import { describeReference, expectClose, type ReferenceTensor } from './reference.ts'

const numbers = z.array(z.number())
const tolerance = z.object({ atol: z.number().default(0), rtol: z.number().default(0) })
const caseSchema = z.object({
  inputs: z.object({
    codes: z.object({ stream: z.int(), small_stream: z.int(), var_stream: z.int(), depths: z.int() }),
    scales: z.object({ sides: numbers, images: z.int() }),
  }),
  expected: z.object({
    any_hit: z.number(),
    dead_codes: z.int(),
    batch_perplexity: numbers,
    batch_perplexity_mean: z.number(),
    set_perplexity: z.number(),
    queue_usage: numbers,
    share_percent: numbers,
    share_ema: numbers,
    hits_margin: z.number(),
    depths: z.object({
      entropy: numbers,
      perplexity: numbers,
      any_hit: numbers,
      pooled_any_hit: z.number(),
      pooled_perplexity: z.number(),
    }),
  }),
  tolerance: z.object({ 'shares and percents': tolerance, perplexity: tolerance, set_perplexity: tolerance }),
})

/** Rows of an integer tensor [rows, columns]. */
function rows(tensor: ReferenceTensor): Int32Array[] {
  const [count = 0, length = 0] = tensor.shape
  return Array.from({ length: count }, (_, row) => tensor.integers.subarray(row * length, (row + 1) * length))
}

describeReference('eval-codebook', (reference) => {
  const { inputs, expected, tolerance } = reference.read(caseSchema)
  const share = tolerance['shares and percents']
  const check = (got: number[], want: number[], { atol, rtol }: { atol: number; rtol: number }, name: string) =>
    expectClose(got, want, atol, rtol, name)
  const stream = reference.input('stream')

  it('counts any-hit usage and dead codes over the whole stream', () => {
    const hits = codeHits(stream.integers, inputs.codes.stream)
    check([anyHitUsage(hits)], [expected.any_hit], share, 'any_hit')
    expectClose([deadCodes(hits)], [expected.dead_codes], 0, 0, 'dead_codes')
  })

  it('computes the perplexity of each batch as taming-transformers does, and their mean', () => {
    const got = rows(stream).map((batch) => batchPerplexity(codeHits(batch, inputs.codes.stream)))
    check(got, expected.batch_perplexity, tolerance.perplexity, 'batch_perplexity')
    const mean = got.reduce((total, value) => total + value, 0) / got.length
    check([mean], [expected.batch_perplexity_mean], tolerance.perplexity, 'batch_perplexity_mean')
  })

  it('computes the perplexity of the whole set in float64', () => {
    const got = setPerplexity(codeHits(stream.integers, inputs.codes.stream))
    check([got], [expected.set_perplexity], tolerance.set_perplexity, 'set_perplexity')
  })

  it('follows the usage queue of LlamaGen batch by batch', () => {
    const queue = new QueueUsage(inputs.codes.stream)
    const got = rows(stream).map((batch) => queue.add(batch))
    check(got, expected.queue_usage, share, 'queue_usage')
  })

  it("follows UniTok's share of codes and its running frequency", () => {
    const usage = new ShareUsage(inputs.codes.small_stream)
    const got = rows(reference.input('small_stream')).map((batch) => usage.add(batch))
    check(got, expected.share_percent, share, 'share_percent')
    check([...usage.average], expected.share_ema, share, 'share_ema')
  })

  it("follows VAR's running hits per scale with the margin of the finest scale", () => {
    const { sides, images } = inputs.scales
    const usage = new ScaleHitUsage(inputs.codes.var_stream, sides, images)
    const percent = rows(reference.input('var_stream')).flatMap((step) => usage.add(step))
    check([usage.margin], [expected.hits_margin], share, 'hits_margin')
    reference.expectTensor('usage_percent', percent)
    reference.expectTensor(
      'ema_hits',
      usage.averages.flatMap((average) => [...average]),
    )
  })

  it('computes entropy, perplexity and any-hit usage per depth, and of all depths pooled', () => {
    const depths = reference.input('depths')
    const perDepth = usagePerDepth(depths.integers, depths.shape[1] ?? 0, inputs.codes.depths)
    const want = expected.depths
    const of = (key: 'entropy' | 'perplexity' | 'anyHit') => perDepth.map((depth) => depth[key])
    check(of('entropy'), want.entropy, tolerance.perplexity, 'depths.entropy')
    check(of('perplexity'), want.perplexity, tolerance.perplexity, 'depths.perplexity')
    check(of('anyHit'), want.any_hit, share, 'depths.any_hit')
    const pooled = codeHits(depths.integers, inputs.codes.depths)
    check([anyHitUsage(pooled)], [want.pooled_any_hit], share, 'depths.pooled_any_hit')
    check([setPerplexity(pooled)], [want.pooled_perplexity], tolerance.perplexity, 'depths.pooled_perplexity')
  })
})
