import { describe, expect, it } from 'vitest'
import { onnxRuntime } from '../../engine/runtimes/onnx.ts'
import { randomFloats } from '../../engine/testing/programs.ts'
import { clipScores } from './clip-score.ts'
import { InceptionScoreAccumulator, inceptionScore, partOf } from './inception-score.ts'
import { drawSubsets, kernelDistance, subsetDistances } from './kernel-distance.ts'
import { precisionRecall } from './precision-recall.ts'
import { runtimeProducts, type Vectors } from './products.ts'
import { Reservoir } from './reservoir.ts'

const vectors = (seed: number, count: number, width: number, scale = 1, shift = 0): Vectors => ({
  count,
  width,
  values: (randomFloats(seed, [count, width]).data as Float32Array).map((value) => scale * value + shift),
})

describe('kernel distance', () => {
  it('is about 0 for two halves of one kind, far above for another kind, and the same whichever comes first', async () => {
    const [x, y, z] = [vectors(1, 60, 8), vectors(2, 70, 8), vectors(3, 70, 8, 1, 1)]
    expect(Math.abs(await kernelDistance(x, y))).toBeLessThan(0.05)
    expect(await kernelDistance(x, z)).toBeGreaterThan(1)
    expect(await kernelDistance(z, x)).toBeCloseTo(await kernelDistance(x, z), 12)
  })

  it('is the same by a runtime, over more vectors than it takes at a time', async () => {
    const [x, y] = [vectors(1, 1100, 5), vectors(2, 40, 5, 1.3)]
    const { products, dispose } = runtimeProducts(onnxRuntime({ threads: 2 }))
    expect(await kernelDistance(x, y, products)).toBeCloseTo(await kernelDistance(x, y), 5)
    expect(await precisionRecall(x, y, products)).toEqual(await precisionRecall(x, y))
    await dispose()
  })

  it('draws other subsets for another seed, none with a row twice', async () => {
    const subsets = drawSubsets([30, 20], 10, 4, 1)
    expect(subsets).toEqual(drawSubsets([30, 20], 10, 4, 1))
    expect(subsets).not.toEqual(drawSubsets([30, 20], 10, 4, 2))
    for (const [x, y] of subsets) {
      expect(new Set(x).size).toBe(10)
      expect(new Set(y).size).toBe(10)
      expect(Math.max(...y)).toBeLessThan(20)
    }
    const { std, values } = await subsetDistances(vectors(1, 30, 4), vectors(2, 20, 4), subsets)
    expect(values).toHaveLength(4)
    expect(std).toBeGreaterThan(0)
  })

  it('refuses a single vector and other widths', async () => {
    await expect(kernelDistance(vectors(1, 1, 4), vectors(2, 9, 4))).rejects.toThrow('1 feature vectors')
    await expect(kernelDistance(vectors(1, 9, 4), vectors(2, 9, 5))).rejects.toThrow('features of 4 and of 5 numbers')
  })
})

describe('precision and recall', () => {
  it('of a set and itself are 1, of sets far apart 0', async () => {
    const x = vectors(1, 50, 6)
    expect(await precisionRecall(x, x)).toEqual({ precision: 1, recall: 1 })
    expect(await precisionRecall(x, vectors(2, 50, 6, 1, 100))).toEqual({ precision: 0, recall: 0 })
  })

  it('tell samples that are all good but alike from samples that cover all but are bad', async () => {
    const reference = vectors(1, 200, 3)
    const alike = await precisionRecall(vectors(2, 200, 3, 0.2), reference)
    expect(alike.precision).toBeGreaterThan(0.9)
    expect(alike.recall).toBeLessThan(0.3)
    const wide = await precisionRecall(vectors(3, 200, 3, 4), reference)
    expect(wide.precision).toBeLessThan(0.3)
    expect(wide.recall).toBeGreaterThan(0.8)
  })

  it('counts by hand: radii reach to the third nearest of the others', async () => {
    const line = (...values: number[]): Vectors => ({
      count: values.length,
      width: 1,
      values: Float64Array.from(values),
    })
    // Balls of the reference: 0 ± 3, 1 ± 2, 2 ± 2, 3 ± 3; together −3 to 6. The other's: 5 ± 25, …, 30 ± 25.
    const reference = line(0, 1, 2, 3)
    expect((await precisionRecall(line(-3, -3.1, 6, 6.1, 4), reference)).precision).toBeCloseTo(3 / 5, 12)
    await expect(precisionRecall(line(1, 2, 3), reference)).rejects.toThrow('3 feature vectors')
  })
})

describe('Inception Score', () => {
  const sure = (classes: number, winner: number) =>
    Float32Array.from({ length: classes }, (_, at) => (at === winner ? 200 : 0))

  it('is the number of classes for sure and even guesses, 1 for guesses that are all alike', () => {
    const classes = 4
    const all = Float32Array.from({ length: 40 }, (_, row) => row % classes).map((winner) => winner)
    const even = new Float32Array(40 * classes)
    for (const [row, winner] of all.entries()) even.set(sure(classes, winner), row * classes)
    expect(inceptionScore(even, classes, 10).mean).toBeCloseTo(4, 12)
    expect(inceptionScore(new Float32Array(40 * classes), classes, 10)).toMatchObject({ std: 0 })
    expect(inceptionScore(new Float32Array(40 * classes), classes, 10).mean).toBeCloseTo(1, 12)
  })

  it('cuts any number of pictures into parts without losing one', () => {
    for (const count of [10, 13, 997]) {
      const parts = Array.from({ length: count }, (_, place) => partOf(place, count, 10))
      expect(parts).toEqual(parts.toSorted((a, b) => a - b))
      for (let part = 0; part < 10; part++)
        expect(parts.filter((own) => own === part)).toHaveLength(
          Math.floor(((part + 1) * count) / 10) - Math.floor((part * count) / 10),
        )
    }
  })

  it('refuses fewer pictures than parts, and logits that are no numbers', () => {
    const score = new InceptionScoreAccumulator(2, 3)
    score.add([1, 2], 0)
    expect(() => score.score()).toThrow('fewer pictures than the 3 parts')
    expect(() => score.add([1, Number.NaN], 0)).toThrow('logit 1 of a picture is NaN')
  })
})

describe('CLIP scores', () => {
  it('clamp each pair or the mean, which differ where pairs point away', () => {
    const scores = clipScores(Float32Array.of(1, 0, 1, 0), Float32Array.of(2, 0, -1, 0), 2)
    expect(scores.cosine).toEqual([1, -1])
    expect(scores).toMatchObject({
      cosineMean: 0,
      scaled2_5ClampedEach: 1.25,
      scaled100ClampedEach: 50,
      scaled100ClampedMean: 0,
    })
  })

  it('refuse embeddings without a direction, and none at all', () => {
    expect(() => clipScores(Float32Array.of(0, 0), Float32Array.of(1, 1), 2)).toThrow('an embedding of pair 0 is zero')
    expect(() => clipScores(Float32Array.of(1, Number.NaN), Float32Array.of(1, 1), 2)).toThrow('not finite')
    expect(() => clipScores(new Float32Array(0), new Float32Array(0), 2)).toThrow('no pairs')
    expect(() => clipScores(new Float32Array(4), new Float32Array(2), 2)).toThrow('not pairs of embeddings of 2')
  })
})

describe('a reservoir', () => {
  it('keeps all of few vectors, and of many each with the same chance', () => {
    const of = (count: number, seed: number) => {
      const reservoir = new Reservoir(1, 300, seed)
      for (let at = 0; at < count; at++) reservoir.add(Float32Array.of(at))
      return [...reservoir.vectors().values]
    }
    expect(of(300, 1)).toEqual(Array.from({ length: 300 }, (_, at) => at))
    const kept = of(3000, 1)
    expect(new Set(kept).size).toBe(300)
    expect(kept).toEqual(of(3000, 1))
    // The mean of 300 of 0 … 2999 has a deviation of 50.
    expect(Math.abs(kept.reduce((sum, value) => sum + value, 0) / 300 - 1500)).toBeLessThan(200)
  })
})
