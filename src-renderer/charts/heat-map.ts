import { type Rgb, viridis } from '../colours.ts'

/** First and end place of what shares row `row` of `rows`, among `count`. */
export const placesOfRow = (row: number, rows: number, count: number): [from: number, to: number] => [
  Math.floor((row * count) / rows),
  Math.floor(((row + 1) * count) / rows),
]

/** Row that holds a place; the inverse of placesOfRow. */
export function rowOfPlace(place: number, rows: number, count: number): number {
  const row = Math.min(rows - 1, Math.floor((place * rows) / count))
  return placesOfRow(row, rows, count)[1] <= place ? row + 1 : row
}

/** Position on the scale of a count ≥ 1, by its logarithm: 1 at the low end, the largest at the high end. */
export const logPosition = (count: number, most: number): number =>
  count <= 1 || most <= 1 ? 0 : Math.min(1, Math.log(count) / Math.log(most))

/** A count's colour; none at all is the ground, so that "never" and "once" are told apart. */
export const colourOfCount = (count: number, most: number, ground: Rgb): Rgb =>
  count <= 0 ? ground : viridis(logPosition(count, most))

/**
 * RGBA pixels of a heat map, one a cell.
 * @param value [rows · columns] counts
 */
export function paintCounts(value: Int32Array, most: number, ground: Rgb): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(value.length * 4)
  const words = new Uint32Array(out.buffer)
  // Few different counts come up again and again.
  const known = new Map<number, number>()
  for (let cell = 0; cell < value.length; cell++) {
    const count = value[cell] as number
    let word = known.get(count)
    if (word === undefined) {
      const [r, g, b] = colourOfCount(count, most, ground)
      out.set([r, g, b, 255], cell * 4)
      word = words[cell] as number
      known.set(count, word)
    }
    words[cell] = word
  }
  return out
}

/** Where a step lies among the columns (one a sample), in columns: column i covers what came after sample i − 1 up to i. */
export function columnOfStep(step: number, steps: readonly number[], columns: number): number {
  const last = steps.length - 1
  const scale = columns / steps.length
  if (last < 0) return 0
  const after = steps.findIndex((one) => one >= step)
  if (after < 0) return columns
  if (after === 0) return 0.5 * scale
  const [from, to] = [steps[after - 1] as number, steps[after] as number]
  return (after + (step - from) / (to - from)) * scale
}
