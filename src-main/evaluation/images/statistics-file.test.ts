import { describe, expect, it } from 'vitest'
import { encodeNpy, type NpyArray } from '../../data/arrays/npy.ts'
import { writeZip } from '../../data/arrays/zip.ts'
import { StatisticsAccumulator } from './feature-statistics.ts'
import { readStatisticsFile, writeStatisticsFile } from './statistics-file.ts'

const bytesOf = (parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
const npz = (arrays: Record<string, NpyArray>) =>
  bytesOf(writeZip(new Map(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)]))))
const mu = { shape: [2], data: Float64Array.of(1, 2) }
const sigma = { shape: [2, 2], data: Float64Array.of(2, 0.5, 0.5, 1) }

describe('a statistics file', () => {
  it('brings back mean, covariance, count, vectors and what made it', () => {
    const statistics = new StatisticsAccumulator(2)
    statistics.add(Float32Array.of(1, 2, 3, 5, 4, 4))
    const file = {
      statistics: statistics.statistics(),
      vectors: { count: 1, width: 2, values: Float32Array.of(1, 2) },
      madeBy: 'größe',
    }
    expect(readStatisticsFile(bytesOf(writeStatisticsFile(file)), 'own.npz')).toEqual(file)
  })

  it('is read as other tools write it, in float64 and float32, without a count', () => {
    expect(readStatisticsFile(npz({ mu, sigma }), 'a.npz')).toMatchObject({
      statistics: { count: null, mean: mu.data, covariance: sigma.data, precision: 2 ** -52 },
      vectors: null,
      madeBy: null,
    })
    const single = readStatisticsFile(
      npz({
        mu: { shape: [2], data: Float32Array.from(mu.data) },
        sigma: { shape: [2, 2], data: Float32Array.from(sigma.data) },
      }),
      'b.npz',
    )
    expect(single.statistics).toMatchObject({ mean: mu.data, precision: 2 ** -23 })
  })

  it('is refused with its name and what is wrong', () => {
    const refused = (arrays: Record<string, NpyArray>, why: string) =>
      expect(() => readStatisticsFile(npz(arrays), 'x.npz')).toThrow(why)
    refused({ mu }, 'x.npz holds no statistics that can be used: there is no array sigma.npy; there are mu')
    refused({ mu, sigma: { shape: [4], data: sigma.data } }, 'sigma is of shape (4) beside a mu of 2')
    refused({ mu: { shape: [1, 2], data: mu.data }, sigma }, 'mu is of shape (1, 2); wanted (d,)')
    refused({ mu, sigma: { ...sigma, data: Float64Array.of(2, 0.5, 0.4, 1) } }, 'not symmetric: its entries (1, 0)')
    refused({ mu: { ...mu, data: Float64Array.of(1, Number.NaN) }, sigma }, 'finite')
    refused({ mu: { ...mu, data: Int32Array.of(1, 2) }, sigma }, 'floating-point')
    expect(() => readStatisticsFile(Buffer.from('no archive, but a text of some length'), 'x.npz')).toThrow('not a zip')
  })
})
