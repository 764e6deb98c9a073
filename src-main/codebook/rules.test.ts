import { describe, expect, it } from 'vitest'
import { createRandom } from '../data/random.ts'
import { nearestCode } from '../engine/operations/nearest-code.ts'
import { float32, floats, type HostTensor, int32 } from '../engine/runtimes/runtime.ts'
import { randomFloats, randomIntegers, runOnce, runtimes } from '../engine/testing/programs.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import {
  batchStatistics,
  deadCodes,
  drift,
  hitStatistics,
  restartVectors,
  scatterRows,
  updateFromFeatures,
  updateFromLanguage,
  updateMovingAverage,
} from './rules.ts'

const matrix = (...rows: number[][]): HostTensor =>
  float32(Float32Array.from(rows.flat()), [rows.length, (rows[0] as number[]).length])
const vector = (...values: number[]): HostTensor => float32(Float32Array.from(values), [values.length])
const whole = (...values: number[]): HostTensor => int32(Int32Array.from(values), [values.length])
type Tensors = Record<string, Tensor>
const rounded = (outputs: Record<string, HostTensor>, name: string): number[] =>
  [...floats(outputs, name)].map((value) => Math.round(value * 1e4) / 1e4 + 0)

describe.each(runtimes)('codebook rules on $name', (runtime) => {
  it('counts and sums over all layers of a step at once', async () => {
    const inputs = { a: matrix([1, 2], [3, 4]), i: whole(0, 2), b: matrix([10, 20]), j: whole(2) }
    const got = await runOnce(runtime, inputs, ({ a, i, b, j }: Tensors) => ({
      ...batchStatistics(
        [
          { features: a as Tensor, indices: i as Tensor },
          { features: b as Tensor, indices: j as Tensor },
        ],
        3,
      ),
    }))
    expect(rounded(got, 'counts')).toEqual([1, 0, 2])
    expect(rounded(got, 'sums')).toEqual([1, 2, 0, 0, 13, 24])
  })

  it('moves a code by the mean of its features, and keeps a code without any', async () => {
    const inputs = { codebook: matrix([10, 0], [5, 5]), z: matrix([1, 3], [3, 5]), i: whole(0, 0) }
    const got = await runOnce(runtime, inputs, ({ codebook, z, i }: Tensors) => ({
      moved: updateFromFeatures(
        codebook as Tensor,
        hitStatistics([{ features: z as Tensor, indices: i as Tensor }], 2),
        0.75,
        tf.scalar(1),
      ),
      synced: updateFromLanguage(codebook as Tensor, tf.ones([2, 2]), 0.75),
    }))
    expect(rounded(got, 'moved')).toEqual([8, 1, 5, 5])
    expect(rounded(got, 'synced')).toEqual([7.75, 0.25, 4, 4])
  })

  it('works with a codebook of one code, which every vector takes', async () => {
    const inputs = { z: randomFloats(1, [6, 3]), codebook: randomFloats(2, [1, 3]) }
    const got = await runOnce(runtime, inputs, ({ z, codebook }: Tensors) => {
      const indices = nearestCode(z as Tensor, codebook as Tensor)
      const statistics = batchStatistics([{ features: z as Tensor, indices }], 1)
      const averages = updateMovingAverage({ clusterSize: tf.ones([1]), sums: codebook as Tensor }, statistics, 0)
      return {
        counts: statistics.counts,
        average: averages.codebook,
        features: updateFromFeatures(
          codebook as Tensor,
          hitStatistics([{ features: z as Tensor, indices }], 1),
          0,
          tf.scalar(1),
        ),
        mean: tf.mean(z as Tensor, 0, true),
      }
    })
    expect(rounded(got, 'counts')).toEqual([6])
    expect(rounded(got, 'features')).toEqual(rounded(got, 'mean'))
    expect(rounded(got, 'average')).toEqual(rounded(got, 'mean'))
  })

  it('keeps the codes that nothing uses finite when one code takes everything, over many steps', async () => {
    const inputs = {
      clusterSize: vector(1, 1, 1),
      sums: matrix([1, 1], [2, 2], [3, 3]),
      counts: vector(100, 0, 0),
      added: matrix([50, 70], [0, 0], [0, 0]),
    }
    const got = await runOnce(runtime, inputs, ({ clusterSize, sums, counts, added }: Tensors) => {
      let state = { clusterSize: clusterSize as Tensor, sums: sums as Tensor, codebook: sums as Tensor }
      for (let step = 0; step < 40; step++)
        state = updateMovingAverage(state, { counts: counts as Tensor, sums: added as Tensor }, 0.5)
      return { codebook: state.codebook, total: tf.sum(state.clusterSize) }
    })
    const codebook = [...floats(got, 'codebook')]
    expect(codebook.every(Number.isFinite)).toBe(true)
    // Smoothing by ε = 1e-5 of a total of 100 is not seen here.
    expect(codebook[0]).toBeCloseTo(0.5, 4)
    expect(codebook[1]).toBeCloseTo(0.7, 4)
    expect(rounded(got, 'total')).toEqual([100])
  })

  it('gives no NaN where no code was ever used and all features are zeros', async () => {
    const inputs = { none: vector(0, 0), zeros: matrix([0, 0], [0, 0]), i: whole(1, 1) }
    const got = await runOnce(runtime, inputs, ({ none, zeros, i }: Tensors) => ({
      features: updateFromFeatures(
        zeros as Tensor,
        hitStatistics([{ features: zeros as Tensor, indices: i as Tensor }], 2),
        0.9,
        tf.scalar(1),
      ),
      average: updateMovingAverage(
        { clusterSize: tf.ones([2]), sums: zeros as Tensor },
        { counts: none as Tensor, sums: zeros as Tensor },
        0.9,
      ).codebook,
      ...drift(zeros as Tensor, zeros as Tensor),
    }))
    for (const name of ['features', 'average', 'cosine', 'distance', 'norm'])
      expect(
        rounded(got, name).every((value) => value === 0),
        name,
      ).toBe(true)
  })

  it('finds no drift between equal tables, and measures it against the length of the language row', async () => {
    const table = randomFloats(3, [5, 4], -3, 3)
    const same = await runOnce(runtime, { table }, ({ table }: Tensors) => ({
      ...drift(table as Tensor, table as Tensor),
    }))
    for (const cosine of floats(same, 'cosine')) expect(cosine).toBeCloseTo(1, 6)
    expect(rounded(same, 'distance')).toEqual([0, 0, 0, 0, 0])
    const inputs = { codebook: matrix([3, 4], [0, 2], [-1, 0]), language: matrix([3, -4], [0, 1], [1, 0]) }
    const moved = await runOnce(runtime, inputs, ({ codebook, language }: Tensors) => ({
      ...drift(codebook as Tensor, language as Tensor),
    }))
    expect(rounded(moved, 'cosine')).toEqual([-0.28, 1, -1])
    expect(rounded(moved, 'distance')).toEqual([1.6, 1, 2])
    expect(rounded(moved, 'norm')).toEqual([5, 2, 1])
  })

  it('finds for the codes that were hit what whole tables of counts and sums say, whichever codes they are', async () => {
    const [vectors, codes, width] = [40, 9, 3]
    for (const seed of [1, 2, 3]) {
      const inputs = {
        codebook: randomFloats(seed, [codes, width]),
        z: randomFloats(seed + 10, [vectors, width]),
        // All codes, a few of them, and one alone.
        i: randomIntegers(seed, [vectors], [codes, 3, 1][seed - 1] as number),
      }
      const got = await runOnce(runtime, inputs, ({ codebook, z, i }: Tensors) => {
        const assignments = [{ features: z as Tensor, indices: i as Tensor }]
        const hits = hitStatistics(assignments, codes)
        const { counts, sums } = batchStatistics(assignments, codes)
        const mean = tf.div(sums, tf.expandDims(tf.maximum(counts, 1), 1))
        const touched = tf.tile(tf.expandDims(tf.greater(counts, 0), 1), [1, width])
        const dense = tf.where(
          touched,
          tf.add(tf.mul(codebook as Tensor, 0.75), tf.mul(mean, 0.25)),
          codebook as Tensor,
        )
        return {
          counts: tf.sub(counts, hits.all),
          moved: tf.sub(dense, updateFromFeatures(codebook as Tensor, hits, 0.75, tf.scalar(1))),
          still: tf.sub(codebook as Tensor, updateFromFeatures(codebook as Tensor, hits, 0.75, tf.scalar(0))),
        }
      })
      for (const value of floats(got, 'counts')) expect(value).toBe(0)
      for (const value of floats(got, 'moved')) expect(value).toBeCloseTo(0, 5)
      for (const value of floats(got, 'still')) expect(value).toBe(0)
    }
  })

  it('replaces rows of a table and leaves the others, with a place named twice for the same row', async () => {
    const inputs = {
      table: matrix([1, 1], [2, 2], [3, 3]),
      places: whole(2, 0, 2),
      rows: matrix([7, 8], [5, 6], [7, 8]),
    }
    const got = await runOnce(runtime, inputs, ({ table, places, rows }: Tensors) => ({
      replaced: scatterRows(table as Tensor, tf.expandDims(places as Tensor, 1), rows as Tensor),
    }))
    expect(rounded(got, 'replaced')).toEqual([5, 6, 2, 2, 7, 8])
  })
})

describe('restarts', () => {
  it('are of the codes whose running count is below the threshold', () => {
    expect([...deadCodes(Float32Array.of(0, 5, 0.99, 1), 1)]).toEqual([0, 2])
    expect([...deadCodes(Float32Array.of(0, 5), 0)]).toEqual([])
  })

  it('take vectors of the batch, and tell copies apart when there are more dead codes than vectors', () => {
    const features = Float32Array.of(100, 0, 0, 100)
    const fresh = restartVectors(features, 2, 50, createRandom(1, 'test'))
    const rows = Array.from({ length: 50 }, (_, at) => [...fresh.subarray(2 * at, 2 * at + 2)])
    const near = (row: number[], to: number[]) => Math.hypot(...row.map((value, at) => value - (to[at] as number)))
    // Each is one of the two vectors, off by at most a twentieth of their difference.
    for (const row of rows) expect(Math.min(near(row, [100, 0]), near(row, [0, 100]))).toBeLessThan(7.1)
    expect(new Set(rows.map(String)).size).toBeGreaterThan(4)
    expect(restartVectors(features, 2, 50, createRandom(1, 'test'))).toEqual(fresh)
  })
})
