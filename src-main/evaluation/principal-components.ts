/** Rows that the directions are found from; a larger table is sampled evenly. */
const MOST_ROWS = 1024
const ITERATIONS = 60

/**
 * Coordinates of vectors along their directions of largest variance (principal component analysis by power iteration with
 * deflation). Each direction points where its largest entry is positive, and coordinates are divided by the first one's
 * standard deviation, so that pictures of neighbouring steps look alike.
 * @param table [rows, width] row by row @returns [rows, components] row by row; zeros where there is no variance left
 */
export function principalCoordinates(table: Float32Array, width: number, components: number): Float32Array {
  const rows = table.length / width
  const mean = columnMeans(table, width)
  const covariance = covarianceOf(table, width, mean)
  const coordinates = new Float32Array(rows * components)
  let scale = 0
  for (let component = 0; component < components; component++) {
    const { direction, variance } = strongestDirection(covariance, width)
    scale ||= variance > 0 ? 1 / Math.sqrt(variance) : 0
    for (let row = 0; row < rows; row++) {
      let along = 0
      for (let at = 0; at < width; at++)
        along += ((table[row * width + at] as number) - (mean[at] as number)) * (direction[at] as number)
      coordinates[row * components + component] = along * scale
    }
    deflate(covariance, direction, variance)
  }
  return coordinates
}

function columnMeans(table: Float32Array, width: number): Float64Array {
  const mean = new Float64Array(width)
  for (let at = 0; at < table.length; at++) mean[at % width] = (mean[at % width] as number) + (table[at] as number)
  return mean.map((sum) => (sum * width) / table.length)
}

function covarianceOf(table: Float32Array, width: number, mean: Float64Array): Float64Array {
  const rows = table.length / width
  const stride = Math.max(1, Math.floor(rows / MOST_ROWS))
  const covariance = new Float64Array(width * width)
  const centred = new Float64Array(width)
  let used = 0
  for (let row = 0; row < rows; row += stride, used++) {
    for (let at = 0; at < width; at++) centred[at] = (table[row * width + at] as number) - (mean[at] as number)
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++)
        covariance[i * width + j] =
          (covariance[i * width + j] as number) + (centred[i] as number) * (centred[j] as number)
  }
  return covariance.map((sum) => sum / used)
}

function strongestDirection(covariance: Float64Array, width: number): { direction: Float64Array; variance: number } {
  // A start that is no direction's own orthogonal complement in practice: uneven entries.
  let direction: Float64Array = Float64Array.from({ length: width }, (_, at) => 1 + ((at * 7919) % 13) / 13)
  let variance = 0
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const next = new Float64Array(width)
    for (let i = 0; i < width; i++) {
      let sum = 0
      for (let j = 0; j < width; j++) sum += (covariance[i * width + j] as number) * (direction[j] as number)
      next[i] = sum
    }
    const length = Math.hypot(...next)
    if (length < 1e-12) return { direction: new Float64Array(width), variance: 0 }
    variance = length / (Math.hypot(...direction) || 1)
    direction = next.map((entry) => entry / length)
  }
  let largest = 0
  for (const entry of direction) if (Math.abs(entry) > Math.abs(largest)) largest = entry
  return { direction: largest < 0 ? direction.map((entry) => -entry) : direction, variance }
}

function deflate(covariance: Float64Array, direction: Float64Array, variance: number): void {
  const width = direction.length
  for (let i = 0; i < width; i++)
    for (let j = 0; j < width; j++)
      covariance[i * width + j] =
        (covariance[i * width + j] as number) - variance * (direction[i] as number) * (direction[j] as number)
}
