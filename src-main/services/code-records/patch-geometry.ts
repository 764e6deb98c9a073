/** A square of a picture, in pixels; it may reach beyond the picture. */
export interface Region {
  x: number
  y: number
  size: number
}

/**
 * The pixels that a cell of a code map stands for: S / side of the map, squared, at the cell's place, and `margin` cells
 * more on each side. Where a map's side does not divide the picture's, the square covers every pixel that the cell touches.
 * @param cell in raster order
 * @param side of the picture, px
 */
export function patchRegion(
  grid: { rows: number; columns: number },
  cell: number,
  side: number,
  margin: number,
): Region {
  const row = Math.floor(cell / grid.columns) - margin
  const column = (cell % grid.columns) - margin
  return {
    x: Math.floor((column * side) / grid.columns),
    y: Math.floor((row * side) / grid.rows),
    size: Math.ceil(((1 + 2 * margin) * side) / Math.min(grid.rows, grid.columns)),
  }
}

/**
 * Cuts a region out of a picture.
 * @param picture U8 [S, S, 3]
 * @returns U8 [size, size, 4], transparent where the region lies outside the picture
 */
export function cutPatch(picture: Uint8Array, side: number, { x, y, size }: Region): Uint8Array {
  const patch = new Uint8Array(size * size * 4)
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const [px, py] = [x + column, y + row]
      if (px < 0 || py < 0 || px >= side || py >= side) continue
      const from = (py * side + px) * 3
      const to = (row * size + column) * 4
      for (let channel = 0; channel < 3; channel++) patch[to + channel] = picture[from + channel] as number
      patch[to + 3] = 255
    }
  return patch
}
