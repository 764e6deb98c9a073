/**
 * Sum of the singular values of a matrix, exact to rounding at its largest: Householder reflections from both sides make
 * it bidiagonal (Golub & Kahan 1965), and the singular values of that are the positive eigenvalues of a symmetric
 * tridiagonal matrix of twice the size with nothing on its diagonal, found by implicit QL.
 * @param rows of the matrix; they are overwritten
 */
export function nuclearNorm(rows: Float64Array[], columns: number): number {
  if (rows.length === 0 || columns === 0) return 0
  const tall = rows.length >= columns ? rows : transposed(rows, columns)
  const { diagonal, above } = bidiagonal(tall, Math.min(rows.length, columns))
  const beside = new Float64Array(2 * diagonal.length)
  for (const [at, value] of diagonal.entries()) {
    beside[2 * at] = value
    if (at < above.length) beside[2 * at + 1] = above[at] as number
  }
  const eigenvalues = tridiagonalEigenvalues(beside)
  return eigenvalues.reduce((sum, value) => sum + Math.abs(value), 0) / 2
}

function transposed(rows: readonly Float64Array[], columns: number): Float64Array[] {
  return Array.from({ length: columns }, (_, column) => Float64Array.from(rows, (row) => row[column] as number))
}

/** Diagonal, and what stands above it. @param a at least as many rows as columns */
function bidiagonal(a: Float64Array[], columns: number): { diagonal: Float64Array; above: Float64Array } {
  const height = a.length
  const diagonal = new Float64Array(columns)
  const above = new Float64Array(Math.max(0, columns - 1))
  const sums = new Float64Array(columns)
  for (let step = 0; step < columns; step++) {
    // From the left: the column below the diagonal becomes 0.
    const column = new Float64Array(height - step)
    for (let row = step; row < height; row++) column[row - step] = (a[row] as Float64Array)[step] as number
    const left = reflect(column)
    diagonal[step] = left.alpha
    if (left.scale > 0) {
      sums.fill(0, step + 1)
      for (let row = step; row < height; row++) {
        const [weight, own] = [column[row - step] as number, a[row] as Float64Array]
        for (let at = step + 1; at < columns; at++) sums[at] = (sums[at] as number) + weight * (own[at] as number)
      }
      for (let row = step; row < height; row++) {
        const [weight, own] = [left.scale * (column[row - step] as number), a[row] as Float64Array]
        for (let at = step + 1; at < columns; at++) own[at] = (own[at] as number) - weight * (sums[at] as number)
      }
    }
    if (step >= columns - 1) continue
    // From the right: the row beyond its second entry becomes 0.
    const row = (a[step] as Float64Array).slice(step + 1)
    const right = reflect(row)
    above[step] = right.alpha
    if (right.scale === 0) continue
    for (let below = step + 1; below < height; below++) {
      const own = a[below] as Float64Array
      let product = 0
      for (let at = 0; at < row.length; at++) product += (row[at] as number) * (own[step + 1 + at] as number)
      product *= right.scale
      for (let at = 0; at < row.length; at++)
        own[step + 1 + at] = (own[step + 1 + at] as number) - product * (row[at] as number)
    }
  }
  return { diagonal, above }
}

/** Turns a vector into the reflector that takes it to (alpha, 0, …); scale is 2 / |reflector|², 0 for nothing to do. */
function reflect(vector: Float64Array): { alpha: number; scale: number } {
  const first = vector[0] as number
  let rest = 0
  for (let at = 1; at < vector.length; at++) rest += (vector[at] as number) ** 2
  if (rest === 0) return { alpha: first, scale: 0 }
  const norm = Math.sqrt(first * first + rest)
  const alpha = first > 0 ? -norm : norm
  vector[0] = first - alpha
  return { alpha, scale: 2 / ((vector[0] as number) ** 2 + rest) }
}

const MOST_ROUNDS = 60

/** Eigenvalues of a symmetric tridiagonal matrix with a diagonal of 0. @param beside entries beside the diagonal, and one of 0 */
function tridiagonalEigenvalues(beside: Float64Array): Float64Array {
  const size = beside.length
  const values = new Float64Array(size)
  const e = beside
  e[size - 1] = 0
  for (let low = 0; low < size; low++) {
    for (let round = 0; ; round++) {
      let split = low
      for (; split < size - 1; split++) {
        const scale = Math.abs(values[split] as number) + Math.abs(values[split + 1] as number)
        const small = Math.abs(e[split] as number)
        // Where the diagonal is 0, an entry is small beside its neighbours or not at all.
        if (small <= Number.EPSILON * (scale > 0 ? scale : largest(e, low, size)) * 0.5) break
      }
      if (split === low) break
      if (round === MOST_ROUNDS) throw new Error(`singular values did not settle in ${MOST_ROUNDS} rounds`)
      rotate(values, e, low, split)
    }
  }
  return values
}

const largest = (e: Float64Array, from: number, to: number): number => {
  let most = 0
  for (let at = from; at < to; at++) most = Math.max(most, Math.abs(e[at] as number))
  return most
}

/** One implicit QL sweep with Wilkinson's shift over the unreduced part low … split. */
function rotate(d: Float64Array, e: Float64Array, low: number, split: number): void {
  const first = e[low] as number
  const slope = ((d[low + 1] as number) - (d[low] as number)) / (2 * first)
  const root = Math.hypot(slope, 1)
  let g = (d[split] as number) - (d[low] as number) + first / (slope + (slope >= 0 ? root : -root))
  let [sine, cosine, shift] = [1, 1, 0]
  for (let at = split - 1; at >= low; at--) {
    const f = sine * (e[at] as number)
    const b = cosine * (e[at] as number)
    const radius = Math.hypot(f, g)
    e[at + 1] = radius
    if (radius === 0) {
      d[at + 1] = (d[at + 1] as number) - shift
      e[split] = 0
      return
    }
    sine = f / radius
    cosine = g / radius
    g = (d[at + 1] as number) - shift
    const turned = ((d[at] as number) - g) * sine + 2 * cosine * b
    shift = sine * turned
    d[at + 1] = g + shift
    g = cosine * turned - b
  }
  d[low] = (d[low] as number) - shift
  e[low] = g
  e[split] = 0
}
