import { decodeNpy, encodeNpy, type NpyArray } from '../../data/arrays/npy.ts'
import { readZip, writeZip } from '../../data/arrays/zip.ts'
import { FeatureSetError } from '../frechet-distance.ts'
import { DOUBLE_PRECISION, type FeatureStatistics, SINGLE_PRECISION } from './feature-statistics.ts'
import type { Vectors } from './products.ts'

/** Statistics as the usual tools keep them, and what is kept beside: some of the vectors themselves. */
export interface StatisticsFile {
  statistics: FeatureStatistics
  /** Vectors for measures that need them; null in files of other tools. */
  vectors: Vectors | null
  /** What made the features, as one line; null in files of other tools, which do not say. */
  madeBy: string | null
}

/** Most bytes of the arrays together: 4,096 features in float64, and vectors beside them. */
const MOST_BYTES = 2 ** 30

/** Files where other tools name their arrays otherwise: pytorch-fid and clean-fid, and older ones. */
const MEAN = ['mu', 'mean', 'm']
const COVARIANCE = ['sigma', 'cov', 's']

/**
 * Reads a .npz file with mu [d] and sigma [d, d], as pytorch-fid, clean-fid and the ADM evaluator write.
 * @param name for errors
 * @throws FeatureSetError naming what is missing or has another shape than its place asks for
 */
export function readStatisticsFile(bytes: Uint8Array, name: string): StatisticsFile {
  const refuse = (problem: string, cause?: unknown) =>
    new FeatureSetError(`${name} holds no statistics that can be used: ${problem}`, { cause })
  let arrays: Map<string, NpyArray>
  try {
    arrays = new Map(
      [...readZip(bytes, MOST_BYTES)]
        .filter(([file]) => file.endsWith('.npy'))
        .map(([file, content]) => [file.slice(0, -'.npy'.length), decodeNpy(content)]),
    )
  } catch (error) {
    throw refuse((error as Error).message, error)
  }
  const found = (names: readonly string[]): NpyArray => {
    const array = names.map((each) => arrays.get(each)).find((each) => each !== undefined)
    if (!array) throw refuse(`there is no array ${names[0]}.npy; there are ${[...arrays.keys()].join(', ') || 'none'}`)
    return array
  }
  const [mu, sigma] = [found(MEAN), found(COVARIANCE)]
  const width = mu.shape[0] ?? 0
  if (mu.shape.length !== 1 || width < 1) throw refuse(`mu is of shape (${mu.shape.join(', ')}); wanted (d,)`)
  if (sigma.shape.join() !== `${width},${width}`)
    throw refuse(`sigma is of shape (${sigma.shape.join(', ')}) beside a mu of ${width}`)
  const [mean, covariance] = [realNumbers(mu), realNumbers(sigma)]
  if (!mean || !covariance) throw refuse('mu or sigma holds something else than finite floating-point numbers')
  const largest = covariance.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  for (let i = 0; i < width; i++)
    for (let j = 0; j < i; j++)
      if (Math.abs((covariance[i * width + j] as number) - (covariance[j * width + i] as number)) > 1e-5 * largest)
        throw refuse(`sigma is not symmetric: its entries (${i}, ${j}) and (${j}, ${i}) differ`)
  const count = arrays.get('count')?.data[0]
  const vectors = arrays.get('vectors')
  const madeBy = arrays.get('made_by')?.data
  return {
    madeBy: madeBy instanceof Uint8Array ? new TextDecoder().decode(madeBy) : null,
    statistics: {
      count: count === undefined ? null : Number(count),
      mean,
      covariance,
      precision: sigma.data instanceof Float32Array ? SINGLE_PRECISION : DOUBLE_PRECISION,
    },
    vectors:
      vectors?.data instanceof Float32Array && vectors.shape[1] === width
        ? { count: vectors.shape[0] as number, width, values: vectors.data }
        : null,
  }
}

function realNumbers({ data }: NpyArray): Float64Array | null {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return null
  const numbers = Float64Array.from(data)
  return numbers.every(Number.isFinite) ? numbers : null
}

/** @returns the file in parts: mu and sigma in float64 as other tools read them, the count, and vectors if there are any */
export function writeStatisticsFile({ statistics, vectors, madeBy }: StatisticsFile): Uint8Array[] {
  const { mean, covariance, count } = statistics
  const width = mean.length
  const arrays = new Map<string, Uint8Array>([
    ['mu.npy', encodeNpy({ shape: [width], data: mean })],
    ['sigma.npy', encodeNpy({ shape: [width, width], data: covariance })],
  ])
  if (count !== null) arrays.set('count.npy', encodeNpy({ shape: [1], data: BigInt64Array.of(BigInt(count)) }))
  if (vectors)
    arrays.set(
      'vectors.npy',
      encodeNpy({ shape: [vectors.count, vectors.width], data: Float32Array.from(vectors.values) }),
    )
  if (madeBy !== null) {
    const data = new TextEncoder().encode(madeBy)
    arrays.set('made_by.npy', encodeNpy({ shape: [data.length], data }))
  }
  return writeZip(arrays)
}
