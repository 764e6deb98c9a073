/** The code map of one layer: rows × columns cells over a square picture. */
export interface Grid {
  rows: number
  columns: number
}

export interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

/** Where a cell lies, in shares of the picture (0 to 1), cells counted in raster order. */
export function cellRectangle(grid: Grid, cell: number): Rectangle {
  const row = Math.floor(cell / grid.columns)
  const column = cell % grid.columns
  return { x: column / grid.columns, y: row / grid.rows, width: 1 / grid.columns, height: 1 / grid.rows }
}

/** The pixels of a cell in a picture of `side` pixels: x, y, width and height in whole pixels. */
export function cellPixels(grid: Grid, cell: number, side: number): Rectangle {
  const { x, y, width, height } = cellRectangle(grid, cell)
  return { x: x * side, y: y * side, width: width * side, height: height * side }
}

/** The cell that covers a point given in shares of the picture; null outside. */
export function cellAt(grid: Grid, x: number, y: number): number | null {
  if (x < 0 || y < 0 || x >= 1 || y >= 1) return null
  return Math.floor(y * grid.rows) * grid.columns + Math.floor(x * grid.columns)
}

/**
 * The cells of another layer that share pixels with a cell, in raster order: the four children of an hq top cell, the
 * parent of an hq bottom cell, the same cell between rq depths.
 */
export function cellsBelow(from: Grid, cell: number, to: Grid): number[] {
  const row = Math.floor(cell / from.columns)
  const column = cell % from.columns
  const firstRow = Math.floor((row * to.rows) / from.rows)
  const lastRow = Math.ceil(((row + 1) * to.rows) / from.rows)
  const firstColumn = Math.floor((column * to.columns) / from.columns)
  const lastColumn = Math.ceil(((column + 1) * to.columns) / from.columns)
  const cells: number[] = []
  for (let r = firstRow; r < lastRow; r++) for (let c = firstColumn; c < lastColumn; c++) cells.push(r * to.columns + c)
  return cells
}

export type Direction = 'left' | 'right' | 'up' | 'down'

/** The neighbouring cell; the cell itself at the edge. */
export function neighbour(grid: Grid, cell: number, direction: Direction): number {
  const row = Math.floor(cell / grid.columns)
  const column = cell % grid.columns
  switch (direction) {
    case 'left':
      return column > 0 ? cell - 1 : cell
    case 'right':
      return column < grid.columns - 1 ? cell + 1 : cell
    case 'up':
      return row > 0 ? cell - grid.columns : cell
    case 'down':
      return row < grid.rows - 1 ? cell + grid.columns : cell
  }
}

/** The cell of another layer at the middle of a cell, for moving between layers with the keyboard. */
export function cellInLayer(from: Grid, cell: number, to: Grid): number {
  const { x, y } = cellRectangle(from, cell)
  return cellAt(to, x, y) ?? 0
}
