import type { Grid } from './geometry.ts'

/**
 * SVG path of the borders between some cells and all others, drawn just inside the tile.
 * @param size side of the tile in CSS px
 */
export function outlinePath(cells: readonly number[], { rows, columns }: Grid, size: number): string {
  const inside = new Set(cells)
  const has = (row: number, column: number) =>
    row >= 0 && column >= 0 && row < rows && column < columns && inside.has(row * columns + column)
  // Half a pixel off, so that lines of one pixel are sharp.
  const at = (line: number, count: number) =>
    Math.min(size - 1, Math.max(1, Math.round((line * size) / count))) + (line === count ? -0.5 : 0.5)
  let path = ''
  for (const cell of cells) {
    const [row, column] = [Math.floor(cell / columns), cell % columns]
    const [left, right] = [at(column, columns), at(column + 1, columns)]
    const [top, bottom] = [at(row, rows), at(row + 1, rows)]
    if (!has(row - 1, column)) path += `M${left} ${top}H${right}`
    if (!has(row + 1, column)) path += `M${left} ${bottom}H${right}`
    if (!has(row, column - 1)) path += `M${left} ${top}V${bottom}`
    if (!has(row, column + 1)) path += `M${right} ${top}V${bottom}`
  }
  return path
}
