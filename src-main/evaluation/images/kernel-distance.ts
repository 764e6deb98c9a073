import { createRandom, shuffle } from '../../data/random.ts'
import { FeatureSetError } from '../frechet-distance.ts'
import { exactProducts, type Products, type Vectors } from './products.ts'

export interface KernelDistance {
  /** Mean over the subsets. */
  mean: number
  /** Population standard deviation over the subsets (divisor: their number), as torch-fidelity gives it. */
  std: number
  /** Of each subset. */
  values: number[]
}

/**
 * Unbiased squared maximum mean discrepancy with the kernel (x·y / width + 1)³ (Bińkowski et al. 2018): the mean of Kxx and
 * of Kyy off their diagonals, less twice the mean of Kxy. May be negative. The sets may differ in size.
 * @throws FeatureSetError for fewer than two vectors or widths that differ
 */
export async function kernelDistance(x: Vectors, y: Vectors, products: Products = exactProducts): Promise<number> {
  if (x.width !== y.width) throw new FeatureSetError(`features of ${x.width} and of ${y.width} numbers`)
  const within = async (set: Vectors): Promise<number> => {
    if (set.count < 2) throw new FeatureSetError(`${set.count} feature vectors: a kernel distance needs two at least`)
    const inner = await products(set, set)
    let diagonal = 0
    for (let at = 0; at < set.count; at++) diagonal += kernel(inner[at * set.count + at] as number, set.width)
    return (kernelSum(inner, set.width) - diagonal) / (set.count * (set.count - 1))
  }
  const between = kernelSum(await products(x, y), x.width) / (x.count * y.count)
  return (await within(x)) + (await within(y)) - 2 * between
}

const kernel = (product: number, width: number): number => (product / width + 1) ** 3

function kernelSum(products: Float32Array | Float64Array, width: number): number {
  let sum = 0
  for (const product of products) {
    const base = product / width + 1
    sum += base * base * base
  }
  return sum
}

/** The distance between given rows of the sets, one value for each pair of lists. */
export async function subsetDistances(
  x: Vectors,
  y: Vectors,
  subsets: readonly (readonly [x: ArrayLike<number>, y: ArrayLike<number>])[],
  products: Products = exactProducts,
  onSubset: (done: number) => void = () => {},
): Promise<KernelDistance> {
  const values: number[] = []
  for (const [ofX, ofY] of subsets) {
    values.push(await kernelDistance(rowsOf(x, ofX), rowsOf(y, ofY), products))
    onSubset(values.length)
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  return { mean, std, values }
}

/** Rows for the subsets: each draws `size` of both sets without putting back, by the seed. */
export function drawSubsets(
  [ofX, ofY]: readonly [number, number],
  size: number,
  subsets: number,
  seed: number,
): [Int32Array, Int32Array][] {
  const draw = (count: number, subset: number, set: string): Int32Array =>
    shuffle(
      Int32Array.from({ length: count }, (_, at) => at),
      createRandom(seed, 'kernel distance', set, subset),
    ).slice(0, size)
  return Array.from({ length: subsets }, (_, subset) => [draw(ofX, subset, 'x'), draw(ofY, subset, 'y')])
}

/** Some of the vectors, in the order asked for. */
export function rowsOf({ width, values }: Vectors, rows: ArrayLike<number>): Vectors {
  const some =
    values instanceof Float32Array ? new Float32Array(rows.length * width) : new Float64Array(rows.length * width)
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as number
    some.set(values.subarray(row * width, (row + 1) * width), at * width)
  }
  return { count: rows.length, width, values: some }
}
