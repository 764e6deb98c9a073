import { describe, expect, it } from 'vitest'
import { createRandom } from '../data/random.ts'
import { tokenStatistics } from './token-statistics.ts'

describe('the statistics of a stream of tokens', () => {
  it('of one token over and over has no entropy and no slope', () => {
    expect(tokenStatistics([7, 7, 7])).toEqual({ tokens: 3, types: 1, entropy: 0, evenness: null, zipfSlope: null })
  })

  it('of all tokens as often has the whole entropy and slope 0', () => {
    const stream = Array.from({ length: 64 }, (_, at) => at % 16)
    const { entropy, evenness, zipfSlope } = tokenStatistics(stream)
    expect(entropy).toBeCloseTo(4, 12)
    expect(evenness).toBeCloseTo(1, 12)
    expect(zipfSlope).toBeCloseTo(0, 9)
  })

  it('finds the exponent of a stream that follows the law', () => {
    for (const exponent of [0.6, 1, 1.5]) {
      const stream = Array.from({ length: 400 }, (_, at) =>
        Array<number>(Math.round(20_000 * (at + 1) ** -exponent)).fill(at),
      )
      expect(tokenStatistics(stream.flat()).zipfSlope).toBeCloseTo(-exponent, 2)
    }
  })

  it('does not depend on order or on the numbers of tokens', () => {
    const random = createRandom(2, 'stream')
    const stream = Array.from({ length: 500 }, () => Math.floor(random.uniform() ** 3 * 40))
    const renamed = stream.map((token) => 1000 - token).reverse()
    const [before, after] = [tokenStatistics(stream), tokenStatistics(renamed)]
    expect(after.types).toBe(before.types)
    expect(after.entropy).toBeCloseTo(before.entropy, 12)
    expect(after.zipfSlope).toBeCloseTo(before.zipfSlope as number, 9)
  })

  it('is not defined for nothing', () => {
    expect(() => tokenStatistics([])).toThrow('no tokens')
  })
})
