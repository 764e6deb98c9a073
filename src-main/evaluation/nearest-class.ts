/** Pictures of known classes, by their features. */
export interface ClassedFeatures {
  /** [N, width], flat */
  features: Float32Array
  /** Class of each, [N] */
  classes: readonly string[]
}

/** Neighbours that vote. */
const NEIGHBOURS = 5

/**
 * The class of pictures by their nearest neighbours (Cover & Hart 1967): the five of the largest cosine vote, and of classes
 * with as many votes the nearer one wins.
 * @param features [M, width], flat
 * @returns a class for each, [M]
 */
export function nearestClasses(features: Float32Array, known: ClassedFeatures, width: number): string[] {
  const references = normalised(known.features, width)
  const asked = normalised(features, width)
  return Array.from({ length: features.length / width }, (_, at) => {
    const vector = asked.subarray(at * width, (at + 1) * width)
    const nearest = known.classes
      .map((name, row) => ({ name, cosine: product(vector, references.subarray(row * width, (row + 1) * width)) }))
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, NEIGHBOURS)
    const votes = new Map<string, number>()
    for (const { name } of nearest) votes.set(name, (votes.get(name) ?? 0) + 1)
    const most = Math.max(...votes.values())
    return nearest.find(({ name }) => votes.get(name) === most)?.name ?? ''
  })
}

function normalised(vectors: Float32Array, width: number): Float32Array {
  const unit = new Float32Array(vectors.length)
  for (let from = 0; from < vectors.length; from += width) {
    const vector = vectors.subarray(from, from + width)
    const norm = Math.sqrt(product(vector, vector)) || 1
    for (let at = 0; at < width; at++) unit[from + at] = (vector[at] as number) / norm
  }
  return unit
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number)
  return sum
}
