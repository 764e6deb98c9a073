import { describe, expect, it } from 'vitest'
import { nearestCode } from '../engine/operations/nearest-code.ts'
import { float32, floats, type HostTensor, int32 } from '../engine/runtimes/runtime.ts'
import { randomFloats, runOnce, runtimes } from '../engine/testing/programs.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import {
  batchStatistics,
  drift,
  restartDeadCodes,
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
    const inputs = { codebook: matrix([10, 0], [5, 5]), counts: vector(2, 0), sums: matrix([4, 8], [0, 0]) }
    const got = await runOnce(runtime, inputs, ({ codebook, counts, sums }: Tensors) => ({
      moved: updateFromFeatures(
        codebook as Tensor,
        { counts: counts as Tensor, sums: sums as Tensor },
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
        features: updateFromFeatures(codebook as Tensor, statistics, 0, tf.scalar(1)),
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
    const inputs = { none: vector(0, 0), zeros: matrix([0, 0], [0, 0]) }
    const got = await runOnce(runtime, inputs, ({ none, zeros }: Tensors) => ({
      features: updateFromFeatures(
        zeros as Tensor,
        { counts: none as Tensor, sums: zeros as Tensor },
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

  it('restarts the codes below the threshold, and tells apart the copies when there are more of them than vectors', async () => {
    const inputs = {
      codebook: matrix([1, 1], [2, 2], [3, 3], [4, 4]),
      clusterSize: vector(0, 5, 0.99, 0),
      features: matrix([100, 0], [0, 100]),
      rows: whole(0, 1, 0, 0),
      plus: whole(0, 0, 1, 0),
      minus: whole(1, 0, 0, 0),
    }
    const got = await runOnce(runtime, inputs, ({ codebook, clusterSize, features, rows, plus, minus }: Tensors) => {
      const draws = { rows: rows as Tensor, plus: plus as Tensor, minus: minus as Tensor }
      const renewed = restartDeadCodes(codebook as Tensor, clusterSize as Tensor, features as Tensor, draws, 1, 2.5)
      return {
        newCodebook: renewed.codebook,
        newSizes: renewed.clusterSize,
        restarted: tf.cast(renewed.restarted, 'float32'),
      }
    })
    expect(rounded(got, 'restarted')).toEqual([1, 0, 1, 1])
    expect(rounded(got, 'newSizes')).toEqual([2.5, 5, 2.5, 2.5])
    // The same vector three times, with a twentieth of a difference of others.
    expect(rounded(got, 'newCodebook')).toEqual([105, -5, 2, 2, 95, 5, 100, 0])
  })
})
