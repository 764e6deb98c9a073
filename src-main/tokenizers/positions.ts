/**
 * Learned positions of a square of patches, brought to another number of them by bicubic interpolation (Keys 1981 with
 * a = −0.75, half-pixel centres, the edge repeated), as PyTorch and so Hugging Face's ViT do it without antialiasing.
 * @param positions [first + s², width]
 * @param rows wanted, first + S²
 * @param first rows that stand for no patch and stay as they are
 */
export function resizePositions(
  positions: Float32Array,
  width: number,
  rows: number,
  first: number,
): Float32Array<ArrayBuffer> {
  const given = positions.length / width
  if (given === rows) return Float32Array.from(positions)
  const [from, to] = [Math.sqrt(given - first), Math.sqrt(rows - first)]
  const out = new Float32Array(rows * width)
  out.set(positions.subarray(0, first * width))
  const taps = Array.from({ length: to }, (_, at) => tapsAt(at, from, to))
  for (const [row, vertical] of taps.entries())
    for (const [column, horizontal] of taps.entries())
      for (let channel = 0; channel < width; channel++) {
        let sum = 0
        for (const [y, down] of vertical)
          for (const [x, across] of horizontal)
            sum += down * across * (positions[(first + y * from + x) * width + channel] as number)
        out[(first + row * to + column) * width + channel] = sum
      }
  return out
}

/** Four places of a line of `from`, and how much each weighs at place `at` of a line of `to`. */
function tapsAt(at: number, from: number, to: number): [number, number][] {
  const centre = ((at + 0.5) * from) / to - 0.5
  const low = Math.floor(centre)
  return [-1, 0, 1, 2].map((step) => [
    Math.min(from - 1, Math.max(0, low + step)),
    cubic(Math.abs(centre - (low + step))),
  ])
}

const A = -0.75

function cubic(distance: number): number {
  if (distance <= 1) return ((A + 2) * distance - (A + 3)) * distance * distance + 1
  if (distance < 2) return ((A * distance - 5 * A) * distance + 8 * A) * distance - 4 * A
  return 0
}
