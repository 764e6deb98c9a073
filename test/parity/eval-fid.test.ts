import { expect, it } from 'vitest'
import { z } from 'zod'
import { centred, type FeatureSet, frechetDistance } from '../../src-main/evaluation/frechet-distance.ts'
import { describeReference, expectClose } from './reference.ts'

const result = z.object({
  frechet: z.number(),
  trace_of_root: z.number().optional(),
  mean_term: z.number().optional(),
  trace_x: z.number().optional(),
  trace_y: z.number().optional(),
})
const within = z.object({ atol: z.number(), rtol: z.number() })
const caseSchema = z.object({
  inputs: z.object({ pairs: z.record(z.string(), z.tuple([z.string(), z.string()])) }),
  expected: z.intersection(z.record(z.string(), z.unknown()), z.object({})),
  tolerance: z.object({ frechet: within.extend({ 'singular and few': within }) }),
})

describeReference('eval-fid', (reference) => {
  const { inputs, expected, tolerance } = reference.read(caseSchema)
  const set = (name: string): FeatureSet => {
    const { shape, floats } = reference.input(name)
    return { count: shape[0] as number, width: shape[1] as number, values: floats }
  }
  /** A set, or one moved by a number in every dimension: "full.x + 0.5". */
  const read = (words: string): FeatureSet => {
    const [name = '', by = '0'] = words.split(' + ')
    const whole = set(name)
    return { ...whole, values: Float64Array.from(whole.values, (value) => value + Number(by)) }
  }

  for (const [name, [x, y]] of Object.entries(inputs.pairs))
    it(`gives the Fréchet distance of the pair "${name}", and its terms`, () => {
      const want = result.parse(expected[name])
      const got = frechetDistance(read(x), read(y))
      const { atol, rtol } = ['singular', 'few'].includes(name)
        ? tolerance.frechet['singular and few']
        : tolerance.frechet
      const close = (value: number, wanted: number | undefined, what: string) => {
        if (wanted !== undefined) expectClose([value], [wanted], atol, rtol, `${name}.${what}`)
      }
      close(got.distance, want.frechet, 'frechet')
      close(got.traceOfRoot, want.trace_of_root, 'trace_of_root')
      close(got.meanTerm, want.mean_term, 'mean_term')
      close(got.traceX, want.trace_x, 'trace_x')
      close(got.traceY, want.trace_y, 'trace_y')
    })

  it('takes the means of the features that the case gives', () => {
    for (const name of reference.names('expected').filter((name) => name.endsWith('.mu')))
      reference.expectTensor(name, Float32Array.from(centred(set(name.replace(/\.mu$/, ''))).mean))
    expect(reference.names('expected').some((name) => name.endsWith('.mu'))).toBe(true)
  })
})
