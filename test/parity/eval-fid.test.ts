import { expect, it } from 'vitest'
import { z } from 'zod'
import { centred, type FeatureSet, frechetDistance } from '../../src-main/evaluation/frechet-distance.ts'
import { StatisticsAccumulator } from '../../src-main/evaluation/images/feature-statistics.ts'
import {
  drawSubsets,
  kernelDistance,
  rowsOf,
  subsetDistances,
} from '../../src-main/evaluation/images/kernel-distance.ts'
import { statisticsDistance } from '../../src-main/evaluation/images/statistics-distance.ts'
import { describeReference, expectClose } from './reference.ts'

const result = z.object({
  frechet: z.number(),
  trace_of_root: z.number().optional(),
  mean_term: z.number().optional(),
  trace_x: z.number().optional(),
  trace_y: z.number().optional(),
})
const within = z.object({ atol: z.number(), rtol: z.number() })
const kidSchema = z.object({
  all: z.number(),
  equal: z.number(),
  subsets: z.array(z.number()),
  subset_mean: z.number(),
  subset_std: z.number(),
})
const caseSchema = z.object({
  inputs: z.object({ pairs: z.record(z.string(), z.tuple([z.string(), z.string()])) }),
  expected: z.intersection(z.record(z.string(), z.unknown()), z.object({})),
  tolerance: z.object({ frechet: within.catchall(within), kid: within }),
})

describeReference('eval-fid', (reference) => {
  const { inputs, expected, tolerance } = reference.read(caseSchema)
  const { atol, rtol, ...looser } = tolerance.frechet
  /** Pairs with a tolerance of their own share one under their names: "singular and few". */
  const toleranceOf = (pair: string): z.infer<typeof within> =>
    Object.entries(looser).find(([pairs]) => pairs.split(' and ').includes(pair))?.[1] ?? { atol, rtol }
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
      const { atol, rtol } = toleranceOf(name)
      const close = (value: number, wanted: number | undefined, what: string) => {
        if (wanted !== undefined) expectClose([value], [wanted], atol, rtol, `${name}.${what}`)
      }
      close(got.distance, want.frechet, 'frechet')
      close(got.traceOfRoot, want.trace_of_root, 'trace_of_root')
      close(got.meanTerm, want.mean_term, 'mean_term')
      close(got.traceX, want.trace_x, 'trace_x')
      close(got.traceY, want.trace_y, 'trace_y')
    })

  /** What the product promises, whatever looser tolerance a case allows. */
  const RELATIVE = 1e-6
  /** Statistics of vectors that come in uneven groups. */
  const streamed = ({ count, width, values }: FeatureSet) => {
    const statistics = new StatisticsAccumulator(width)
    for (let from = 0, size = 1; from < count; from += size, size = (size * 7) % 90 || 1)
      statistics.add(values.subarray(from * width, Math.min(count, from + size) * width))
    return statistics.statistics()
  }

  for (const [name, [x, y]] of Object.entries(inputs.pairs))
    it(`gives the distance of the pair "${name}" from streamed statistics to 1e-6, rank-deficient or not`, () => {
      const want = result.parse(expected[name])
      const got = statisticsDistance(streamed(read(x)), streamed(read(y)))
      const close = (value: number, wanted: number | undefined, what: string) => {
        // A set against itself is 0, of which no share can be allowed: its traces say what is small.
        if (wanted !== undefined)
          expectClose([value], [wanted], wanted === 0 ? 1e-12 * got.traceX : 0, RELATIVE, `${name}.${what}`)
      }
      close(got.distance, want.frechet, 'frechet')
      close(got.traceOfRoot, want.trace_of_root, 'trace_of_root')
      close(got.meanTerm, want.mean_term, 'mean_term')
      close(got.traceX, want.trace_x, 'trace_x')
      close(got.traceY, want.trace_y, 'trace_y')
      const whole = frechetDistance(read(x), read(y))
      expectClose([whole.distance], [want.frechet], 1e-12 * whole.traceX, RELATIVE, `${name}.frechet of features`)
    })

  it('accumulates the means and covariances that the case gives', () => {
    const names = reference.names('expected').filter((name) => name.endsWith('.sigma'))
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) {
      const { mean, covariance } = streamed(set(name.replace(/\.sigma$/, '')))
      reference.expectTensor(name, Float32Array.from(covariance))
      reference.expectTensor(name.replace(/sigma$/, 'mu'), Float32Array.from(mean))
    }
  })

  it('gives the kernel distance of all, of equally many, and of the given subsets', async () => {
    const want = kidSchema.parse(expected.kid)
    const [x, y] = [set('full.x'), set('full.y')]
    const close = (value: number, wanted: number, what: string) =>
      expectClose([value], [wanted], tolerance.kid.atol, tolerance.kid.rtol, `kid.${what}`)
    close(await kernelDistance(x, y), want.all, 'all')
    const first = Int32Array.from({ length: Math.min(x.count, y.count) }, (_, at) => at)
    close(await kernelDistance(rowsOf(x, first), rowsOf(y, first)), want.equal, 'equal')
    const rows = (name: string): Int32Array[] => {
      const { integers, shape } = reference.input(name)
      const size = shape[1] as number
      return Array.from({ length: shape[0] as number }, (_, at) => integers.subarray(at * size, (at + 1) * size))
    }
    const [ofX, ofY] = [rows('subset.x'), rows('subset.y')]
    const got = await subsetDistances(
      x,
      y,
      ofX.map((own, at) => [own, ofY[at] as Int32Array] as const),
    )
    expectClose(got.values, want.subsets, tolerance.kid.atol, tolerance.kid.rtol, 'kid.subsets')
    close(got.mean, want.subset_mean, 'subset_mean')
    close(got.std, want.subset_std, 'subset_std')
  })

  it('draws subsets of its own whose mean comes near the distance of all', async () => {
    const want = kidSchema.parse(expected.kid)
    const [x, y] = [set('full.x'), set('full.y')]
    const size = reference.input('subset.x').shape[1] as number
    // The mean of 20 strays from what it estimates by less than a quarter of their deviation, mostly.
    const { mean, std } = await subsetDistances(x, y, drawSubsets([x.count, y.count], size, 20, 0))
    expectClose([mean], [want.all], std + tolerance.kid.atol, tolerance.kid.rtol, 'mean of drawn subsets')
  })

  it('takes the means of the features that the case gives', () => {
    for (const name of reference.names('expected').filter((name) => name.endsWith('.mu')))
      reference.expectTensor(name, Float32Array.from(centred(set(name.replace(/\.mu$/, ''))).mean))
    expect(reference.names('expected').some((name) => name.endsWith('.mu'))).toBe(true)
  })
})
