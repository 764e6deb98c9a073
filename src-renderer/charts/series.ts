/** One line of a chart before it is laid beside others: x ascending, y of the same length. */
export interface Line {
  x: readonly number[]
  y: readonly (number | null)[]
}

/** Lines over one common x axis, as both chart libraries want them; null where a line has no point. */
export interface Table {
  x: number[]
  columns: (number | null)[][]
}

/** Lays lines with different x side by side over the union of their x. */
export function mergeLines(lines: readonly Line[]): Table {
  const x = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b)
  const columns = lines.map((line) => {
    const column: (number | null)[] = new Array(x.length).fill(null)
    let row = 0
    for (const [index, at] of line.x.entries()) {
      while (row < x.length && (x[row] as number) < at) row++
      if (x[row] === at) column[row] = line.y[index] ?? null
    }
    return column
  })
  return { x, columns }
}

/** Value of a line at x, linear between its points; null outside them. */
export function valueAt(line: Line, x: number): number | null {
  const count = line.x.length
  if (count === 0 || x < (line.x[0] as number) || x > (line.x[count - 1] as number)) return null
  let low = 0
  let high = count - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((line.x[middle] as number) < x) low = middle + 1
    else high = middle
  }
  const right = line.y[low] ?? null
  if (line.x[low] === x || low === 0) return right
  const left = line.y[low - 1] ?? null
  if (left === null || right === null) return null
  const from = line.x[low - 1] as number
  return left + ((right - left) * (x - from)) / ((line.x[low] as number) - from)
}

/** Index of the point nearest to x, or −1 for an empty list. */
export function nearestIndex(x: readonly number[], at: number): number {
  let best = -1
  let distance = Number.POSITIVE_INFINITY
  let low = 0
  let high = x.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const value = x[middle] as number
    if (Math.abs(value - at) < distance) {
      distance = Math.abs(value - at)
      best = middle
    }
    if (value < at) low = middle + 1
    else high = middle - 1
  }
  return best
}

/** Mean of several lines with the sample standard deviation; `n` says how many lines reach each x. */
export interface Band {
  x: number[]
  mean: number[]
  /** null where fewer than two lines reach. */
  std: (number | null)[]
  n: number[]
}

/** Mean ± sample standard deviation over lines (seeds of one arm), linear between their points. */
export function bandOf(lines: readonly Line[]): Band {
  const band: Band = { x: [], mean: [], std: [], n: [] }
  const grid = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b)
  for (const x of grid) {
    const values = lines.map((line) => valueAt(line, x)).filter((v): v is number => v !== null && Number.isFinite(v))
    if (values.length === 0) continue
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length
    band.x.push(x)
    band.mean.push(mean)
    band.n.push(values.length)
    band.std.push(
      values.length < 2 ? null : Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1)),
    )
  }
  return band
}

/** Smallest and largest finite value of some columns, where `keep` allows; null if there is none. */
export function extentOf(
  columns: readonly (readonly (number | null)[])[],
  keep: (value: number, row: number) => boolean = () => true,
): [number, number] | null {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const column of columns)
    for (const [row, value] of column.entries())
      if (value !== null && Number.isFinite(value) && keep(value, row)) {
        if (value < low) low = value
        if (value > high) high = value
      }
  return low <= high ? [low, high] : null
}
