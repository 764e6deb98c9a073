import { describe, expect, it } from 'vitest'
import { createRandom } from '../data/random.ts'
import { kMeans } from './k-means.ts'

const WIDTH = 2
const nearestOf = (vectors: Float32Array) => async (centres: Float32Array) =>
  Int32Array.from({ length: vectors.length / WIDTH }, (_, row) => {
    const distance = (centre: number) =>
      ((vectors[row * 2] as number) - (centres[centre * 2] as number)) ** 2 +
      ((vectors[row * 2 + 1] as number) - (centres[centre * 2 + 1] as number)) ** 2
    const all = Array.from({ length: centres.length / WIDTH }, (_, centre) => distance(centre))
    return all.indexOf(Math.min(...all))
  })
const run = (vectors: Float32Array, count: number, seed = 1) =>
  kMeans(vectors, WIDTH, count, createRandom(seed, 'k-means'), nearestOf(vectors))
const rows = (table: Float32Array) =>
  Array.from({ length: table.length / WIDTH }, (_, row) => [...table.subarray(row * 2, row * 2 + 2)])

describe('k-means', () => {
  it('gives one centre the mean of all vectors', async () => {
    const [centre] = rows(await run(Float32Array.of(0, 0, 2, 0, 4, 6), 1))
    expect(centre).toEqual([2, 2])
  })

  it('finds well separated clusters, the same for the same seed', async () => {
    const random = createRandom(3, 'clusters')
    const vectors = Float32Array.from({ length: 200 }, (_, at) => (at % 4 < 2 ? 0 : 100) + random.uniform())
    const centres = rows(await run(vectors, 2)).sort((a, b) => (a[0] as number) - (b[0] as number))
    expect(Math.max(...(centres[0] as number[]))).toBeLessThan(1)
    expect(Math.min(...(centres[1] as number[]))).toBeGreaterThan(99)
    expect(await run(vectors, 2)).toEqual(await run(vectors, 2))
  })

  it('leaves no centre without a vector’s place when clusters are lost', async () => {
    const vectors = Float32Array.from({ length: 40 }, () => 7)
    for (const centre of rows(await run(vectors, 5))) expect(centre).toEqual([7, 7])
  })

  it('takes every vector and copies with noise where there are more centres than vectors', async () => {
    const centres = rows(await run(Float32Array.of(0, 0, 10, 10), 6))
    expect(centres.map(String)).toEqual(expect.arrayContaining(['0,0', '10,10']))
    for (const [x] of centres) expect(Math.min(Math.abs(x as number), Math.abs((x as number) - 10))).toBeLessThan(0.51)
    await expect(run(new Float32Array(0), 2)).rejects.toThrow('no vectors')
  })
})
