/** Corners of a loop in the plane, x and y in turn; it closes by itself. */
export type Loop = readonly number[]

/** More corners than this say nothing more, and would not fit an address. */
const CORNERS = 40

/** Whether a point lies inside a loop (even-odd rule). */
export function isInside(loop: Loop, x: number, y: number): boolean {
  let inside = false
  for (let at = 0, before = loop.length - 2; at < loop.length; before = at, at += 2) {
    const [x1, y1, x2, y2] = [loop[at]!, loop[at + 1]!, loop[before]!, loop[before + 1]!]
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside
  }
  return inside
}

/**
 * Points inside a loop.
 * @param xy [n · 2]
 * @param which indices of the points that count
 */
export function pointsInside(loop: Loop, xy: Float32Array, which: Int32Array): Int32Array<ArrayBuffer> {
  if (loop.length < 6) return new Int32Array()
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity]
  for (let at = 0; at < loop.length; at += 2) {
    left = Math.min(left, loop[at]!)
    right = Math.max(right, loop[at]!)
    bottom = Math.min(bottom, loop[at + 1]!)
    top = Math.max(top, loop[at + 1]!)
  }
  return which.filter((point) => {
    const [x, y] = [xy[2 * point] as number, xy[2 * point + 1] as number]
    return x >= left && x <= right && y >= bottom && y <= top && isInside(loop, x, y)
  }) as Int32Array<ArrayBuffer>
}

/** At most 40 of a hand-drawn loop's corners, evenly chosen. */
export function thinned(loop: Loop): number[] {
  const corners = loop.length / 2
  const kept = Math.min(CORNERS, corners)
  return Array.from({ length: kept }, (_, at) => Math.floor((at * corners) / kept)).flatMap((corner) => [
    loop[2 * corner]!,
    loop[2 * corner + 1]!,
  ])
}

/** A loop as it stands in the address: "0.1,0.2,0.3,…". */
export const formatLoop = (loop: Loop): string => loop.map((value) => Number(value.toPrecision(4))).join(',')

/** The loop that an address names; null if it names none. */
export function parseLoop(text: string): number[] | null {
  const loop = text.split(',').map(Number)
  return text !== '' && loop.length >= 6 && loop.length % 2 === 0 && loop.every(Number.isFinite) ? loop : null
}
