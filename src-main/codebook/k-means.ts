import { type Random, shuffle } from '../data/random.ts'

const ITERATIONS = 10
/** Share of the mean distance between two vectors that tells copies apart where there are more centres than vectors. */
const NOISE = 0.05

/**
 * Lloyd's k-means from K random vectors. A centre that loses all its vectors becomes a random one of them. With fewer
 * vectors than centres every vector is a centre, and the others are copies with a little of the difference of two others.
 * The same vectors and stream give the same centres.
 * @param vectors [N, width], N at least 1
 * @param assign int32 [N]: the centre nearest to each vector @param centres [count, width]
 * @returns [count, width]
 */
export async function kMeans(
  vectors: Float32Array,
  width: number,
  count: number,
  random: Random,
  assign: (centres: Float32Array) => Promise<Int32Array>,
): Promise<Float32Array> {
  const total = vectors.length / width
  if (total < 1) throw new Error('k-means of no vectors')
  const centres = new Float32Array(count * width)
  for (const [centre, row] of shuffled(total, random).slice(0, count).entries())
    centres.set(vectors.subarray(row * width, (row + 1) * width), centre * width)
  if (total < count) {
    fillUp(centres, vectors, width, total, random)
    return centres
  }
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const nearest = await assign(centres)
    const { sums, sizes } = clusterSums(vectors, width, nearest, count)
    for (let centre = 0; centre < count; centre++) {
      const size = sizes[centre] as number
      const lost = size === 0 ? random.int(total) : -1
      for (let at = 0; at < width; at++)
        centres[centre * width + at] =
          lost < 0 ? (sums[centre * width + at] as number) / size : (vectors[lost * width + at] as number)
    }
  }
  return centres
}

function fillUp(centres: Float32Array, vectors: Float32Array, width: number, from: number, random: Random): void {
  const total = vectors.length / width
  for (let centre = from; centre * width < centres.length; centre++) {
    const [row, plus, minus] = [random.int(total), random.int(total), random.int(total)]
    for (let at = 0; at < width; at++)
      centres[centre * width + at] =
        (vectors[row * width + at] as number) +
        NOISE * ((vectors[plus * width + at] as number) - (vectors[minus * width + at] as number))
  }
}

function clusterSums(
  vectors: Float32Array,
  width: number,
  nearest: Int32Array,
  count: number,
): { sums: Float64Array; sizes: Int32Array } {
  const sums = new Float64Array(count * width)
  const sizes = new Int32Array(count)
  for (const [row, centre] of nearest.entries()) {
    sizes[centre] = (sizes[centre] as number) + 1
    for (let at = 0; at < width; at++)
      sums[centre * width + at] = (sums[centre * width + at] as number) + (vectors[row * width + at] as number)
  }
  return { sums, sizes }
}

const shuffled = (count: number, random: Random): Int32Array =>
  shuffle(
    Int32Array.from({ length: count }, (_, at) => at),
    random,
  )
