import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../data/random.ts'
import {
  allowedTokens,
  drawToken,
  GREEDY,
  guide,
  LogitsError,
  type SamplingSettings,
  sampleTokens,
  tokenDistribution,
  tokenRandom,
} from './sampling.ts'

const row = (...logits: number[]) => Float32Array.from(logits)
const plain: SamplingSettings = { temperature: 1, topK: null, topP: null }
const excluded = Number.NEGATIVE_INFINITY

/** Of a step that the exponential resolves: two different logits have two different probabilities. */
const logit = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -2000, max: 2000 }).map((value) => value / 64) },
  { weight: 2, arbitrary: fc.constantFrom(0, 1.5) },
  { weight: 1, arbitrary: fc.constant(excluded) },
)
const logitRow = fc
  .array(logit, { minLength: 1, maxLength: 80 })
  .filter((values) => values.some(Number.isFinite))
  .map((values) => Float32Array.from(values))
const settings: fc.Arbitrary<SamplingSettings> = fc.record({
  temperature: fc.oneof(fc.constant(0), fc.double({ min: 0.05, max: 5, noNaN: true })),
  topK: fc.option(fc.integer({ min: 1, max: 90 })),
  topP: fc.option(fc.double({ min: 0.01, max: 1, noNaN: true })),
})

/** The filters as they are told, by sorting everything. */
function bySorting(logits: Float32Array, { temperature, topK, topP }: SamplingSettings): Map<number, number> {
  let left = Array.from(logits, (value, id) => ({ id, value: value / temperature })).filter(({ value }) =>
    Number.isFinite(value),
  )
  left.sort((a, b) => b.value - a.value || a.id - b.id)
  const least = left[Math.min(topK ?? left.length, left.length) - 1]?.value as number
  left = left.filter(({ value }) => value >= least)
  const weights = left.map(({ value }) => Math.exp(value - (left[0]?.value as number)))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let kept = weights.length
  if (topP !== null && topP < 1)
    for (let sum = 0, at = 0; at < kept; at++) {
      sum += (weights[at] as number) / total
      if (sum >= topP) kept = at + 1
    }
  const rest = weights.slice(0, kept).reduce((sum, weight) => sum + weight, 0)
  return new Map(left.slice(0, kept).map(({ id }, at) => [id, (weights[at] as number) / rest]))
}

describe('what a row of logits leaves to be drawn', () => {
  it('is what sorting the whole row would leave, in rising order of the ids', () => {
    fc.assert(
      fc.property(logitRow, settings, (logits, settings) => {
        fc.pre(settings.temperature > 0)
        const { ids, probabilities } = tokenDistribution(logits, settings)
        const wanted = bySorting(logits, settings)
        // A sum that meets top-p to the last bit may fall to either side of it.
        fc.pre(ids.length === wanted.size || !nearlyReaches(logits, settings))
        expect([...ids]).toEqual([...wanted.keys()].sort((a, b) => a - b))
        for (const [at, id] of ids.entries()) expect(probabilities[at]).toBeCloseTo(wanted.get(id) as number, 10)
      }),
      { numRuns: 300 },
    )
  })

  it('adds up to 1, and holds no excluded or forbidden token', () => {
    fc.assert(
      fc.property(logitRow, settings, fc.array(fc.nat({ max: 79 }), { minLength: 1 }), (logits, settings, wanted) => {
        const allowed = allowedTokens(
          wanted.map((id) => id % logits.length),
          logits.length,
        )
        fc.pre([...allowed].some((id) => logits[id] !== excluded))
        const { ids, probabilities } = tokenDistribution(logits, settings, allowed)
        expect(ids.length).toBeGreaterThan(0)
        expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12)
        for (const id of ids) expect([allowed.includes(id), logits[id] === excluded]).toEqual([true, false])
      }),
      { numRuns: 300 },
    )
  })

  it('with some tokens allowed is what the row would leave if all others were −∞', () => {
    fc.assert(
      fc.property(logitRow, settings, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (logits, settings, mask) => {
        const allowed = logits.map((value, id) => ((mask >> (id % 31)) & 1 ? value : excluded))
        fc.pre(allowed.some(Number.isFinite))
        const set = allowedTokens(
          [...logits.keys()].filter((id) => (mask >> (id % 31)) & 1),
          logits.length,
        )
        expect(tokenDistribution(logits, settings, set)).toEqual(tokenDistribution(allowed, settings))
      }),
      { numRuns: 200 },
    )
  })

  it('is one token where all others are excluded, at any setting', () => {
    const logits = row(excluded, excluded, -40, excluded)
    for (const setting of [plain, GREEDY, { temperature: 9, topK: 3, topP: 0.2 }])
      expect(tokenDistribution(logits, setting)).toEqual({ ids: Int32Array.of(2), probabilities: Float64Array.of(1) })
    expect([...tokenDistribution(row(5, 6, 7), plain, allowedTokens([0], 3)).ids]).toEqual([0])
  })

  it('keeps every token that ties at the k-th place', () => {
    const logits = row(1, 3, 2, 2, 0, 2)
    expect([...tokenDistribution(logits, { ...plain, topK: 2 }).ids]).toEqual([1, 2, 3, 5])
    expect([...tokenDistribution(logits, { ...plain, topK: 1 }).ids]).toEqual([1])
    expect([...tokenDistribution(row(4, 4, 4), { ...plain, topK: 1 }).ids]).toEqual([0, 1, 2])
  })

  it('keeps no more tokens of one probability than top-p needs, the lowest ids first', () => {
    const logits = row(0, 0, 0, 0)
    expect([...tokenDistribution(logits, { ...plain, topP: 0.5 }).ids]).toEqual([0, 1])
    expect([...tokenDistribution(logits, { ...plain, topP: 0.51 }).ids]).toEqual([0, 1, 2])
    expect([...tokenDistribution(logits, { ...plain, topP: 1e-9 }).ids]).toEqual([0])
    expect([...tokenDistribution(logits, { ...plain, topP: 1 }).ids]).toEqual([0, 1, 2, 3])
  })

  it('is the largest logit at temperature 0, the lowest id on a tie', () => {
    expect(tokenDistribution(row(1, 5, 5, excluded), GREEDY)).toEqual({
      ids: Int32Array.of(1),
      probabilities: Float64Array.of(1),
    })
    expect([...tokenDistribution(row(1, 5, 5, 2), GREEDY, allowedTokens([3, 0], 4)).ids]).toEqual([3])
  })

  it('stays finite for logits far apart and for temperatures near 0', () => {
    const { ids, probabilities } = tokenDistribution(row(-3e38, 3e38, 3e38), { ...plain, temperature: 1e-300 })
    expect([...ids]).toEqual([0, 1, 2])
    expect([...probabilities]).toEqual([0, 0.5, 0.5])
  })
})

/** True if a cumulative sum of the sorted probabilities is within rounding of top-p. */
function nearlyReaches(logits: Float32Array, settings: SamplingSettings): boolean {
  let sum = 0
  const sorted = [...bySorting(logits, { ...settings, topP: null }).values()].sort((a, b) => b - a)
  return sorted.some((probability) => {
    sum += probability
    return Math.abs(sum - (settings.topP ?? 2)) < 1e-12
  })
}

describe('logits that cannot be sampled', () => {
  it('are refused by name, with the token', () => {
    expect(() => tokenDistribution(row(0, Number.NaN), plain)).toThrow(LogitsError)
    expect(() => tokenDistribution(row(0, Number.NaN), plain)).toThrow(/the logit of token 1 is NaN/)
    expect(() => tokenDistribution(row(Number.POSITIVE_INFINITY, 0), plain)).toThrow(/token 0 is Infinity/)
    // A broken model is one even where nobody asks for the token.
    expect(() => tokenDistribution(row(0, Number.NaN), GREEDY, allowedTokens([0], 2))).toThrow(LogitsError)
  })

  it('are refused if nothing is left, with the number of allowed tokens', () => {
    expect(() => tokenDistribution(row(excluded, excluded), plain)).toThrow(/every logit of the 2 allowed tokens is −∞/)
    expect(() => tokenDistribution(row(1, excluded), plain, allowedTokens([1], 2))).toThrow(LogitsError)
  })

  it('name their row in a batch', () => {
    const randoms = [tokenRandom(1, 0, 0), tokenRandom(1, 1, 0)]
    expect(() => sampleTokens(row(0, 0, 0, Number.NaN), plain, randoms)).toThrow(/^row 1: the logit of token 1 is NaN/)
  })

  it('and settings that mean nothing are refused with what they may be', () => {
    const refuse = (change: Partial<SamplingSettings>) => () => tokenDistribution(row(0), { ...plain, ...change })
    expect(refuse({ temperature: -1 })).toThrow(/temperature -1: give a number from 0/)
    expect(refuse({ temperature: Number.NaN })).toThrow(RangeError)
    expect(refuse({ topK: 0 })).toThrow(/top-k 0: give a whole number from 1/)
    expect(refuse({ topK: 1.5 })).toThrow(RangeError)
    expect(refuse({ topP: 0 })).toThrow(/top-p 0: give a share above 0/)
    expect(refuse({ topP: 1.01 })).toThrow(RangeError)
    expect(() => allowedTokens([], 5)).toThrow(/allow at least one/)
    expect(() => allowedTokens([1, 5], 5)).toThrow(/allowed token 5 .* from 0 to 4/)
    expect(() => tokenDistribution(row(0, 1), plain, allowedTokens([4], 5))).toThrow(/the row has 2 logits/)
  })
})

describe('guidance', () => {
  it('leaves out what either side excludes, at any scale', () => {
    const guided = guide(row(1, excluded, 3, excluded), row(0, 0, excluded, excluded), 0)
    expect([...guided]).toEqual([0, excluded, excluded, excluded])
    expect([...guide(row(1, 2), row(0, 4), 1)]).toEqual([1, 2])
  })

  it('refuses rows of two lengths', () => {
    expect(() => guide(row(1, 2), row(1), 3)).toThrow(/2 conditional logits by 1 unconditional/)
  })
})

describe('drawing', () => {
  it('takes each token as often as its probability says', () => {
    const logits = row(0, 1, excluded, 2, -1)
    const setting = { temperature: 0.8, topK: 3, topP: 0.99 }
    const distribution = tokenDistribution(logits, setting)
    const draws = 20_000
    const counts = new Map<number, number>()
    for (let step = 0; step < draws; step++) {
      const token = drawToken(distribution, tokenRandom(5, 'story', step))
      counts.set(token, (counts.get(token) ?? 0) + 1)
    }
    expect([...counts.keys()].sort()).toEqual([...distribution.ids])
    const chiSquare = Array.from(distribution.ids, (id, at) => {
      const expected = draws * (distribution.probabilities[at] as number)
      return ((counts.get(id) ?? 0) - expected) ** 2 / expected
    }).reduce((sum, value) => sum + value, 0)
    // 2 degrees of freedom: 18.4 is exceeded once in 10,000 seeds.
    expect(chiSquare).toBeLessThan(18.4)
  })

  it('can reach tokens that are rarer than one number of a stream tells apart', () => {
    const rare = 2 ** -30
    const distribution = { ids: Int32Array.of(4, 9), probabilities: Float64Array.of(rare, 1 - rare) }
    const numbers = (...values: number[]) => ({ ...createRandom(0), uniform: () => values.shift() as number })
    expect(drawToken(distribution, numbers(0, 1 / 128))).toBe(4)
    expect(drawToken(distribution, numbers(0, 1 / 32))).toBe(9)
    expect(drawToken(distribution, numbers(1 - 2 ** -24, 1 - 2 ** -24))).toBe(9)
  })

  it('gives a sequence the same tokens alone and beside others, and for the same seed only', () => {
    const vocabulary = 500
    const random = createRandom(3, 'logits')
    const logits = Float32Array.from({ length: 3 * vocabulary }, () => random.normal())
    const at = (seed: number, sequences: number[], step: number) =>
      sampleTokens(
        Float32Array.from(sequences.flatMap((s) => [...logits.subarray(s * vocabulary, (s + 1) * vocabulary)])),
        plain,
        sequences.map((sequence) => tokenRandom(seed, sequence, step)),
      )
    for (let step = 0; step < 20; step++) {
      const together = at(7, [0, 1, 2], step)
      expect([...at(7, [2], step), ...at(7, [1, 0], step)]).toEqual([together[2], together[1], together[0]])
      expect([...at(7, [0, 1, 2], step)]).toEqual([...together])
    }
    const first = Array.from({ length: 20 }, (_, step) => at(7, [0], step)[0])
    expect(Array.from({ length: 20 }, (_, step) => at(8, [0], step)[0])).not.toEqual(first)
  })

  it('lets each row of a batch have its own allowed tokens', () => {
    const logits = new Float32Array(3 * 10)
    for (let step = 0; step < 30; step++) {
      const randoms = [0, 1, 2].map((sequence) => tokenRandom(1, sequence, step))
      const [a, b] = sampleTokens(logits, plain, randoms, [allowedTokens([8, 9], 10), allowedTokens([3], 10), null])
      expect([[8, 9].includes(a as number), b]).toEqual([true, 3])
      const both = sampleTokens(logits, plain, randoms, allowedTokens([1, 2], 10))
      expect([...both].every((token) => token === 1 || token === 2)).toBe(true)
    }
  })

  it('refuses logits that are not one row for each stream', () => {
    const randoms = [tokenRandom(1, 0, 0), tokenRandom(1, 1, 0)]
    expect(() => sampleTokens(new Float32Array(5), plain, randoms)).toThrow(/5 logits are not 2 rows/)
    expect(() => sampleTokens(new Float32Array(4), plain, randoms, [null])).toThrow(/1 sets of allowed tokens for 2/)
    expect(() => sampleTokens(new Float32Array(4), plain, [])).toThrow(/4 logits are not 0 rows/)
  })
})
