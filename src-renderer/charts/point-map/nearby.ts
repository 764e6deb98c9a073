/** Finds the point nearest to a place among many, by squares of a grid over their bounds. */
export interface PointGrid {
  /** Index of the nearest point within `reach` of (x, y), all in the plane's units; −1 if there is none. */
  nearest(x: number, y: number, reach: number): number
}

/**
 * @param xy [n · 2]
 * @param which indices of the points that count; all if left out
 */
export function pointGrid(xy: Float32Array, which?: Int32Array): PointGrid {
  const count = which?.length ?? xy.length / 2
  const index = (at: number) => (which ? (which[at] as number) : at)
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity]
  for (let at = 0; at < count; at++) {
    const [x, y] = [xy[2 * index(at)] as number, xy[2 * index(at) + 1] as number]
    left = Math.min(left, x)
    right = Math.max(right, x)
    bottom = Math.min(bottom, y)
    top = Math.max(top, y)
  }
  // About two points a square; the points of a square follow each other in `order`.
  const side = Math.max(1, Math.ceil(Math.sqrt(count / 2)))
  const size = Math.max(right - left, top - bottom, 1e-12) / side
  const columnOf = (x: number) => Math.min(side - 1, Math.max(0, Math.floor((x - left) / size)))
  const rowOf = (y: number) => Math.min(side - 1, Math.max(0, Math.floor((y - bottom) / size)))
  const squareOf = (point: number) => rowOf(xy[2 * point + 1] as number) * side + columnOf(xy[2 * point] as number)
  const starts = new Int32Array(side * side + 1)
  for (let at = 0; at < count; at++) starts[squareOf(index(at)) + 1]!++
  for (let square = 0; square < side * side; square++) starts[square + 1]! += starts[square] as number
  const next = starts.slice()
  const order = new Int32Array(count)
  for (let at = 0; at < count; at++) order[next[squareOf(index(at))]!++] = index(at)
  return {
    nearest(x, y, reach) {
      let best = -1
      let least = reach * reach
      for (let row = rowOf(y - reach); row <= rowOf(y + reach); row++)
        for (let column = columnOf(x - reach); column <= columnOf(x + reach); column++) {
          const square = row * side + column
          for (let at = starts[square] as number; at < (starts[square + 1] as number); at++) {
            const point = order[at] as number
            const away = ((xy[2 * point] as number) - x) ** 2 + ((xy[2 * point + 1] as number) - y) ** 2
            if (away < least || (away === least && best === -1)) {
              least = away
              best = point
            }
          }
        }
      return best
    },
  }
}
