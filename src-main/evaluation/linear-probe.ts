import type { ClassedFeatures } from './nearest-class.ts'

/** Strengths that are tried, as shares of the features' mean squared norm about their mean. */
const STRENGTHS = [10, 1, 0.1, 0.01, 0.001, 0.0001]

/**
 * The class of pictures by a linear probe: regularised least squares on one target per class, 1 for its own and 0 for the
 * others, with a free constant; the class of the largest output wins, of equals the first by name. Worked out from the
 * products of the references, exactly and without chance, so that wide features cost no more; the strength is the one of
 * the best leave-one-out accuracy on the references, of equals the strongest (Rifkin, Yeo & Poggio 2003, sections 3 and 4).
 * @param features [M, width], flat
 * @returns a class for each, [M], the strength, and the accuracy that it was chosen by
 */
export function linearProbe(
  features: Float32Array,
  known: ClassedFeatures,
  width: number,
): { classes: string[]; strength: number; leftOut: number } {
  const count = known.classes.length
  if (count < 2) throw new RangeError(`${count} pictures of known classes; a linear probe needs at least 2`)
  const names = [...new Set(known.classes)].sort()
  const number = known.classes.map((name) => names.indexOf(name))
  const mean = columnMeans(known.features, width, count)
  const references = centred(known.features, mean, width)
  const products = Array.from({ length: count }, (_, row) =>
    Float64Array.from({ length: row + 1 }, (_, other) => product(references, row, references, other, width)),
  )
  const scale = products.reduce((sum, row, at) => sum + (row[at] as number), 0) / count || 1
  const shares = names.map((_, name) => number.filter((own) => own === name).length / count)
  let best: { weights: Float64Array[]; strength: number; leftOut: number } | null = null
  for (const strength of STRENGTHS) {
    const { weights, leverage } = solved(products, strength * scale, number, shares)
    // Residuals are λ · weights; left out, each grows by 1 / (1 − its own share in its prediction) (section 4.2).
    const right = number.filter((own, row) => {
      const outputs = weights.map((column, name) => {
        const residual = strength * scale * (column[row] as number)
        return Number(own === name) - residual / (strength * scale * (leverage[row] as number) - 1 / count)
      })
      return largest(outputs) === own
    }).length
    if (best === null || right / count > best.leftOut) best = { weights, strength, leftOut: right / count }
  }
  const { weights, strength, leftOut } = best as NonNullable<typeof best>
  const asked = centred(features, mean, width)
  const classes = Array.from({ length: features.length / width }, (_, at) => {
    const likeness = Float64Array.from({ length: count }, (_, row) => product(asked, at, references, row, width))
    const outputs = weights.map((column, name) =>
      column.reduce((sum, weight, row) => sum + weight * (likeness[row] as number), shares[name] as number),
    )
    return names[largest(outputs)] as string
  })
  return { classes, strength, leftOut }
}

/** (G + λI)⁻¹ times the centred targets of each class, and the diagonal of the inverse. @param products lower half of G */
function solved(
  products: readonly Float64Array[],
  lambda: number,
  number: readonly number[],
  shares: readonly number[],
): { weights: Float64Array[]; leverage: Float64Array } {
  const count = products.length
  const lower = cholesky(products, lambda)
  const weights = shares.map((share, name) => {
    const column = Float64Array.from(number, (own) => Number(own === name) - share)
    for (let row = 0; row < count; row++) {
      const own = lower[row] as Float64Array
      let sum = column[row] as number
      for (let at = 0; at < row; at++) sum -= (own[at] as number) * (column[at] as number)
      column[row] = sum / (own[row] as number)
    }
    for (let row = count - 1; row >= 0; row--) {
      const own = lower[row] as Float64Array
      const value = (column[row] as number) / (own[row] as number)
      column[row] = value
      for (let at = 0; at < row; at++) column[at] = (column[at] as number) - (own[at] as number) * value
    }
    return column
  })
  return { weights, leverage: inverseDiagonal(lower) }
}

/** L of G + λI = LLᵀ, its rows up to the diagonal. */
function cholesky(products: readonly Float64Array[], lambda: number): Float64Array[] {
  const lower: Float64Array[] = []
  for (const [row, given] of products.entries()) {
    const own = new Float64Array(row + 1)
    for (let column = 0; column <= row; column++) {
      const other = column === row ? own : (lower[column] as Float64Array)
      let sum = (given[column] as number) + (column === row ? lambda : 0)
      for (let at = 0; at < column; at++) sum -= (own[at] as number) * (other[at] as number)
      // Rounding may take what λ alone holds above 0 just below it.
      own[column] = column === row ? Math.sqrt(Math.max(sum, lambda * 1e-6)) : sum / (other[column] as number)
    }
    lower.push(own)
  }
  return lower
}

/** Diagonal of (LLᵀ)⁻¹: the squared norms of the columns of L⁻¹. */
function inverseDiagonal(lower: readonly Float64Array[]): Float64Array {
  const diagonal = new Float64Array(lower.length)
  for (let first = 0; first < lower.length; first++) {
    const column = new Float64Array(lower.length)
    for (let row = first; row < lower.length; row++) {
      const own = lower[row] as Float64Array
      let sum = row === first ? 1 : 0
      for (let at = first; at < row; at++) sum -= (own[at] as number) * (column[at] as number)
      const value = sum / (own[row] as number)
      column[row] = value
      diagonal[first] = (diagonal[first] as number) + value * value
    }
  }
  return diagonal
}

function columnMeans(features: Float32Array, width: number, count: number): Float64Array {
  const mean = new Float64Array(width)
  for (let at = 0; at < features.length; at++)
    mean[at % width] = (mean[at % width] as number) + (features[at] as number) / count
  return mean
}

const centred = (features: Float32Array, mean: Float64Array, width: number): Float64Array =>
  Float64Array.from(features, (value, at) => value - (mean[at % width] as number))

function product(a: Float64Array, row: number, b: Float64Array, other: number, width: number): number {
  let sum = 0
  for (let at = 0; at < width; at++) sum += (a[row * width + at] as number) * (b[other * width + at] as number)
  return sum
}

/** Place of the largest, the first of equals. */
const largest = (values: readonly number[]): number =>
  values.reduce((best, value, at) => (value > (values[best] as number) ? at : best), 0)
