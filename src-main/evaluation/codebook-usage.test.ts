import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  anyHitUsage,
  batchPerplexity,
  codeEntropy,
  codeHits,
  deadCodes,
  QueueUsage,
  ScaleHitUsage,
  ShareUsage,
  setPerplexity,
  usagePerDepth,
} from './codebook-usage.ts'

describe('codebook usage', () => {
  it('of a single code hit over and over is 1 / K with perplexity 1', () => {
    const hits = codeHits(new Int32Array(500).fill(3), 8)
    expect(anyHitUsage(hits)).toBe(1 / 8)
    expect(deadCodes(hits)).toBe(7)
    expect(setPerplexity(hits)).toBe(1)
    expect(batchPerplexity(hits)).toBeCloseTo(1, 6)
  })

  it('of every code hit once is 1 with perplexity K', () => {
    const hits = codeHits(
      Int32Array.from({ length: 1024 }, (_, code) => code),
      1024,
    )
    expect(anyHitUsage(hits)).toBe(1)
    expect(deadCodes(hits)).toBe(0)
    expect(setPerplexity(hits)).toBeCloseTo(1024, 9)
    expect(batchPerplexity(hits)).toBeCloseTo(1024, 1)
  })

  it('of an empty stream is an error, not a number', () => {
    expect(() => codeHits([], 8)).toThrow('no code indices')
    expect(() => codeEntropy(new Int32Array(8))).toThrow('no code was hit')
    expect(() => batchPerplexity(new Int32Array(8))).toThrow('no code was hit')
    expect(() => new QueueUsage(8).add([])).toThrow('no code indices')
    expect(() => new ShareUsage(8).add([])).toThrow('no code indices')
    expect(() => usagePerDepth([], 2, 8)).toThrow('no code indices')
  })

  it('of an index outside the codebook is an error that names the index and its place', () => {
    expect(() => codeHits([0, 8], 8)).toThrow('index 8 at place 1 is not a code of a codebook of 8 (0 to 7)')
    expect(() => codeHits([-1], 8)).toThrow('index -1 at place 0')
    expect(() => codeHits([0.5], 8)).toThrow('index 0.5')
    expect(() => codeHits([0], 0)).toThrow('a codebook of 0 codes')
  })

  it('has set perplexity between 1 and the number of codes used, for any stream', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(15), { minLength: 1, maxLength: 200 }), (stream) => {
        const hits = codeHits(stream, 16)
        const perplexity = setPerplexity(hits)
        expect(perplexity).toBeGreaterThan(1 - 1e-12)
        expect(perplexity).toBeLessThan(new Set(stream).size + 1e-9)
        expect(anyHitUsage(hits)).toBe(new Set(stream).size / 16)
      }),
    )
  })
})

describe('queue usage', () => {
  it('counts code 0 as used until the queue has been filled once', () => {
    const usage = new QueueUsage(4, 3)
    expect(usage.add([1])).toBe(2 / 4)
    expect(usage.add([1])).toBe(2 / 4)
    expect(usage.add([1])).toBe(1 / 4)
  })

  it('forgets codes that have left the queue, whatever the batches', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(5), { minLength: 1, maxLength: 7 }), { minLength: 1 }), (batches) => {
        const usage = new QueueUsage(6, 7)
        let queue = new Array<number>(7).fill(0)
        for (const batch of batches) {
          queue = [...queue, ...batch].slice(-7)
          expect(usage.add(batch)).toBe(new Set(queue).size / 6)
        }
      }),
    )
  })

  it('refuses a batch longer than the queue', () => {
    expect(() => new QueueUsage(4, 3).add([0, 1, 2, 3])).toThrow('longer than the usage queue of 3')
  })
})

describe('share usage', () => {
  it('does not count a code with a frequency of 0.01 / K or less', () => {
    const batch = new Int32Array(1000)
    batch[1] = 1
    // K = 4: the threshold is 2.5 hits of 1,000.
    expect(new ShareUsage(4).add(batch)).toBe(25)
    batch.fill(1, 1, 4)
    expect(new ShareUsage(4).add(batch)).toBe(50)
  })

  it('copies the first batch, then keeps nine tenths, and ninety-nine hundredths from the 101st batch', () => {
    const usage = new ShareUsage(2)
    usage.add([0])
    expect([...usage.average]).toEqual([1, 0])
    usage.add([1])
    expect(usage.average[1]).toBeCloseTo(0.1, 6)
    for (let batch = 2; batch < 100; batch++) usage.add([0])
    const before = usage.average[1] as number
    usage.add([1])
    expect((usage.average[1] as number) - before).toBeCloseTo(0.01 * (1 - before), 6)
  })
})

describe('hits per scale', () => {
  it('starts only the very first scale from its own hits', () => {
    const usage = new ScaleHitUsage(2, [1, 1], 1)
    usage.add([0, 0])
    expect(usage.averages[0]?.[0]).toBe(1)
    expect(usage.averages[1]?.[0]).toBeCloseTo(0.1, 6)
  })

  it('uses the margin of the finest scale for every scale', () => {
    // Finest scale: 16 tokens over 1 code, so a margin of 1.28 hits, which the coarse scale of one token never reaches.
    const usage = new ScaleHitUsage(1, [1, 4], 1)
    expect(usage.add(new Int32Array(17))).toEqual([0, 100])
  })

  it('refuses a step that does not hold every scale', () => {
    expect(() => new ScaleHitUsage(2, [1, 2], 3).add([0])).toThrow('a step of 1 indices; the scales hold 3 + 12 = 15')
    expect(() => new ScaleHitUsage(2, [], 3)).toThrow('no scales')
  })
})
