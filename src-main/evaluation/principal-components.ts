/** Rows that the directions are found from; a larger table is sampled evenly. */
const MOST_ROWS = 1024
const ITERATIONS = 60

/** Directions of largest variance of a table: where its vectors are looked at from. */
export interface PrincipalAxes {
  /** [width] the vectors' mean, which becomes the origin */
  mean: Float32Array
  /** [components, width] unit directions times `1 / σ` of the first: coordinates have unit variance along it */
  directions: Float32Array
}

/**
 * Principal component analysis by power iteration with deflation. Each direction points where its largest entry is
 * positive, and all are divided by the first one's standard deviation, so that pictures of neighbouring steps look alike.
 * @param table [rows, width] row by row; directions without variance are zeros
 */
export function principalAxes(table: Float32Array, width: number, components: number): PrincipalAxes {
  const mean = columnMeans(table, width)
  const covariance = covarianceOf(table, width, mean)
  const directions = new Float32Array(components * width)
  let scale = 0
  for (let component = 0; component < components; component++) {
    const { direction, variance } = strongestDirection(covariance, width)
    scale ||= variance > 0 ? 1 / Math.sqrt(variance) : 0
    directions.set(
      direction.map((entry) => entry * scale),
      component * width,
    )
    deflate(covariance, direction, variance)
  }
  return { mean: Float32Array.from(mean), directions }
}

/** Coordinates of vectors on axes. @param table [rows, width] @returns [rows, components] row by row */
export function coordinatesOn({ mean, directions }: PrincipalAxes, table: Float32Array): Float32Array {
  const width = mean.length
  const [rows, components] = [table.length / width, directions.length / width]
  const coordinates = new Float32Array(rows * components)
  const centred = new Float64Array(width)
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < width; at++) centred[at] = (table[row * width + at] as number) - (mean[at] as number)
    for (let component = 0; component < components; component++) {
      let along = 0
      for (let at = 0; at < width; at++)
        along += (centred[at] as number) * (directions[component * width + at] as number)
      coordinates[row * components + component] = along
    }
  }
  return coordinates
}

/** Coordinates of vectors along their own principal axes. @returns [rows, components]; zeros where there is no variance */
export const principalCoordinates = (table: Float32Array, width: number, components: number): Float32Array =>
  coordinatesOn(principalAxes(table, width, components), table)

function columnMeans(table: Float32Array, width: number): Float64Array {
  const mean = new Float64Array(width)
  for (let row = 0; row < table.length; row += width)
    for (let at = 0; at < width; at++) mean[at] = (mean[at] as number) + (table[row + at] as number)
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
    // It is symmetric: one half is added up, the other copied.
    for (let i = 0; i < width; i++) {
      const along = centred[i] as number
      for (let j = i; j < width; j++)
        covariance[i * width + j] = (covariance[i * width + j] as number) + along * (centred[j] as number)
    }
  }
  for (let i = 0; i < width; i++)
    for (let j = 0; j < i; j++) covariance[i * width + j] = covariance[j * width + i] as number
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
