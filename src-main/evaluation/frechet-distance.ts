import { nuclearNorm } from './nuclear-norm.ts'

/** Feature vectors of a set of pictures: [count, width], flat. */
export interface FeatureSet {
  count: number
  width: number
  values: Float32Array | Float64Array
}

export interface FrechetDistance {
  distance: number
  /** |μx − μy|² */
  meanTerm: number
  traceX: number
  traceY: number
  /** tr (Σx Σy)^½ */
  traceOfRoot: number
}

export class FeatureSetError extends Error {
  override name = 'FeatureSetError'
}

/**
 * Fréchet distance between the Gaussians that two sets of features have (Heusel et al. 2017), covariances with divisor
 * n − 1: |μx − μy|² + tr Σx + tr Σy − 2 tr (Σx Σy)^½. The trace of the root is the nuclear norm of the product of the
 * centred features, which needs no matrix root and stays exact where there are fewer vectors than dimensions.
 * @throws FeatureSetError for fewer than two vectors, widths that differ, and numbers that are not finite
 */
export function frechetDistance(x: FeatureSet, y: FeatureSet): FrechetDistance {
  if (x.width !== y.width) throw new FeatureSetError(`features of ${x.width} and of ${y.width} numbers`)
  const [a, b] = [centred(x), centred(y)]
  let meanTerm = 0
  for (let at = 0; at < x.width; at++) meanTerm += ((a.mean[at] as number) - (b.mean[at] as number)) ** 2
  const [traceX, traceY] = [squaredNorm(a.rows) / (x.count - 1), squaredNorm(b.rows) / (y.count - 1)]
  const traceOfRoot = nuclearNorm(...crossProduct(a, b, x.width)) / Math.sqrt((x.count - 1) * (y.count - 1))
  // Rounding leaves a set's distance from itself at ±1e-13 of its trace.
  const distance = Math.max(0, meanTerm + traceX + traceY - 2 * traceOfRoot)
  return { distance, meanTerm, traceX, traceY, traceOfRoot }
}

interface Centred {
  count: number
  mean: Float64Array
  /** One array per vector, minus the mean. */
  rows: Float64Array[]
}

export function centred({ count, width, values }: FeatureSet): Centred {
  if (count < 2) throw new FeatureSetError(`${count} feature vectors: a covariance needs two at least`)
  if (values.length !== count * width)
    throw new FeatureSetError(`${values.length} numbers are not ${count} vectors of ${width}`)
  const mean = new Float64Array(width)
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number
    if (!Number.isFinite(value))
      throw new FeatureSetError(`feature ${at % width} of vector ${Math.floor(at / width)} is ${value}`)
    mean[at % width] = (mean[at % width] as number) + value / count
  }
  const rows = Array.from({ length: count }, (_, row) => {
    const own = new Float64Array(width)
    for (let at = 0; at < width; at++) own[at] = (values[row * width + at] as number) - (mean[at] as number)
    return own
  })
  return { count, mean, rows }
}

const squaredNorm = (rows: readonly Float64Array[]): number =>
  rows.reduce((sum, row) => sum + row.reduce((inner, value) => inner + value * value, 0), 0)

/**
 * A matrix with the singular values of Xc Ycᵀ, no larger than it must be: that product itself, or, where there are more
 * vectors than dimensions, Rx Ryᵀ of triangular factors Xc = Q Rx.
 */
function crossProduct(x: Centred, y: Centred, width: number): [rows: Float64Array[], columns: number] {
  const [left, right] = [x, y].map(({ rows, count }) => (count > width ? triangularFactor(rows, width) : rows)) as [
    Float64Array[],
    Float64Array[],
  ]
  const product = left.map((a) => {
    const row = new Float64Array(right.length)
    for (const [at, b] of right.entries()) {
      let sum = 0
      for (let inner = 0; inner < width; inner++) sum += (a[inner] as number) * (b[inner] as number)
      row[at] = sum
    }
    return row
  })
  return [product, right.length]
}

/** R of A = Q R by Householder reflections, [width, width]. @param a at least as many rows as columns; not changed */
function triangularFactor(a: readonly Float64Array[], width: number): Float64Array[] {
  // Columns of A, so that a reflection runs over neighbours.
  const columns = Array.from({ length: width }, (_, column) => Float64Array.from(a, (row) => row[column] as number))
  const height = a.length
  for (let step = 0; step < width; step++) {
    const pivot = columns[step] as Float64Array
    let norm = 0
    for (let at = step; at < height; at++) norm += (pivot[at] as number) ** 2
    norm = Math.sqrt(norm)
    if (norm === 0) continue
    const first = pivot[step] as number
    const alpha = first > 0 ? -norm : norm
    const reflector = pivot.slice(step)
    reflector[0] = first - alpha
    const scale = 2 / reflector.reduce((sum, value) => sum + value * value, 0)
    for (let column = step; column < width; column++) {
      const target = columns[column] as Float64Array
      let product = 0
      for (let at = step; at < height; at++) product += (reflector[at - step] as number) * (target[at] as number)
      product *= scale
      for (let at = step; at < height; at++)
        target[at] = (target[at] as number) - product * (reflector[at - step] as number)
    }
  }
  return Array.from({ length: width }, (_, row) =>
    Float64Array.from(columns, (column, at) => (at < row ? 0 : (column[row] as number))),
  )
}
