import { FeatureSetError } from '../frechet-distance.ts'
import { exactProducts, type Products, type Vectors } from './products.ts'

export interface PrecisionRecall {
  /** Share of the measured vectors that lie within the reference's manifold. */
  precision: number
  /** Share of the reference's vectors that lie within the measured manifold. */
  recall: number
}

/** Neighbours that make a radius, as the publication has it. */
export const NEIGHBOURS = 3

/** Vectors whose distances are worked out together. */
const BLOCK = 1024

/**
 * Improved precision and recall (Kynkäänniemi et al. 2019): a set's manifold is the union of balls around its vectors, each
 * reaching to the third nearest of the others; a vector counts if it lies in one of the balls.
 * @throws FeatureSetError for as few vectors as neighbours, or widths that differ
 */
export async function precisionRecall(
  measured: Vectors,
  reference: Vectors,
  products: Products = exactProducts,
  neighbours: number = NEIGHBOURS,
): Promise<PrecisionRecall> {
  if (measured.width !== reference.width)
    throw new FeatureSetError(`features of ${measured.width} and of ${reference.width} numbers`)
  for (const { count } of [measured, reference])
    if (count <= neighbours)
      throw new FeatureSetError(`${count} feature vectors: a manifold by ${neighbours} neighbours needs more of them`)
  // Distances do not change with the origin; from the mean, products are small and their differences keep more digits.
  const origin = meanOf(reference)
  const [x, y] = [movedBy(measured, origin), movedBy(reference, origin)]
  const [radiiX, radiiY] = [await radii(x, products, neighbours), await radii(y, products, neighbours)]
  return {
    precision: await shareWithin(x, y, radiiY, products),
    recall: await shareWithin(y, x, radiiX, products),
  }
}

/** Squared distance of each vector to the k-th nearest of the others. */
async function radii(set: Vectors, products: Products, neighbours: number): Promise<Float64Array> {
  const squared = new Float64Array(set.count)
  await eachRow(set, set, products, (row, distances) => {
    distances[row] = Number.POSITIVE_INFINITY
    squared[row] = distances.sort()[neighbours - 1] as number
  })
  return squared
}

async function shareWithin(x: Vectors, of: Vectors, radii: Float64Array, products: Products): Promise<number> {
  let within = 0
  await eachRow(x, of, products, (_, distances) => {
    if (distances.some((distance, at) => distance <= (radii[at] as number))) within++
  })
  return within / x.count
}

/** Squared distances of each vector of `x` to all of `y`. */
async function eachRow(
  x: Vectors,
  y: Vectors,
  products: Products,
  use: (row: number, distances: Float64Array) => void,
): Promise<void> {
  const [normsX, normsY] = [squaredNorms(x), squaredNorms(y)]
  for (let from = 0; from < x.count; from += BLOCK) {
    const count = Math.min(BLOCK, x.count - from)
    const block = { count, width: x.width, values: x.values.subarray(from * x.width, (from + count) * x.width) }
    const inner = await products(block, y)
    for (let row = 0; row < count; row++) {
      const own = normsX[from + row] as number
      const distances = normsY.map((norm, at) => Math.max(0, own + norm - 2 * (inner[row * y.count + at] as number)))
      use(from + row, distances)
    }
  }
}

function squaredNorms({ count, width, values }: Vectors): Float64Array {
  const norms = new Float64Array(count)
  for (let at = 0; at < values.length; at++) {
    const row = Math.floor(at / width)
    norms[row] = (norms[row] as number) + (values[at] as number) ** 2
  }
  return norms
}

function meanOf({ count, width, values }: Vectors): Float64Array {
  const mean = new Float64Array(width)
  for (let at = 0; at < values.length; at++)
    mean[at % width] = (mean[at % width] as number) + (values[at] as number) / count
  return mean
}

const movedBy = ({ count, width, values }: Vectors, origin: Float64Array): Vectors => ({
  count,
  width,
  values: Float64Array.from(values, (value, at) => value - (origin[at % width] as number)),
})
