import { describe, expect, it } from 'vitest'
import { batchPerplexity, codeHits, QueueUsage, ScaleHitUsage, ShareUsage } from './codebook-usage.ts'
import { batchUsage, setUsage } from './set-usage.ts'

describe('usage over a set', () => {
  it('of one code over and over is 1 / K with perplexity 1, and misses nothing', () => {
    const usage = setUsage(new Int32Array(200).fill(5), 10)
    expect(usage).toMatchObject({
      tokens: 200,
      used: 1,
      dead: 9,
      anyHit: 0.1,
      perplexity: 1,
      unseen: 0,
      entropyBias: 0,
    })
  })

  it('of every code once is whole with perplexity K, and says that the set is too small to know', () => {
    const usage = setUsage(
      Int32Array.from({ length: 64 }, (_, at) => at),
      64,
    )
    expect(usage).toMatchObject({ used: 64, dead: 0, anyHit: 1, unseen: 1, entropyBias: 63 / 128 })
    expect(usage.perplexity).toBeCloseTo(64, 10)
  })
})

describe('usage by batches', () => {
  const codes = 16
  const sides = [1, 2]
  const batch = 3
  // 7 pictures: two batches, and one picture left over.
  const maps = [Int32Array.from({ length: 7 }, (_, at) => at), Int32Array.from({ length: 28 }, (_, at) => at % 5)]

  it('is what each definition says of the whole batches, one after the other', () => {
    const { batches, layers } = batchUsage(maps, sides, codes, batch)
    expect(batches).toBe(2)
    const scales = new ScaleHitUsage(codes, sides, batch)
    const running = [0, 1].map((at) =>
      scales.add([
        ...(maps[0] as Int32Array).slice(at * 3, at * 3 + 3),
        ...(maps[1] as Int32Array).slice(at * 12, at * 12 + 12),
      ]),
    )
    for (const [layer, length] of [3, 12].entries()) {
      const parts = [0, 1].map((at) => (maps[layer] as Int32Array).slice(at * length, (at + 1) * length))
      const [queue, share] = [new QueueUsage(codes), new ShareUsage(codes)]
      expect(layers[layer]).toEqual({
        batchPerplexity: parts.reduce((sum, part) => sum + batchPerplexity(codeHits(part, codes)), 0) / 2,
        queue: parts.map((part) => queue.add(part)).at(-1),
        share: (parts.map((part) => share.add(part)).at(-1) as number) / 100,
        emaHits: (running.at(-1)?.[layer] as number) / 100,
      })
    }
  })

  it('needs a whole batch, and maps of the sides it is told', () => {
    expect(() => batchUsage(maps, sides, codes, 8)).toThrow('7 pictures are not one batch of 8')
    expect(() => batchUsage(maps, [1, 3], codes, 2)).toThrow('28 indices are not 7 maps of side 3')
  })
})
