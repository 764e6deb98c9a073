import { cellInLayer, cellsBelow, type Grid } from '../../../pictures/geometry.ts'
import { gridOf } from '../../../pictures/token-order.ts'

/** Codes of each layer of a picture, row by row. Never changed in place. */
export type Maps = number[][]
/** The picture that is edited, and the one that cells come from. */
export interface Pair {
  a: Maps
  b: Maps
}

/** A cell of either picture that is pointed at. */
export interface Cursor {
  picture: 'a' | 'b'
  layer: number
  cell: number
}

/** A rectangle of cells in one layer, by two of its corners. */
export interface Selection {
  layer: number
  from: number
  to: number
}

/** The cells of a selection, row by row. */
export function selectedCells({ layer, from, to }: Selection, sides: readonly number[]): number[] {
  const side = sides[layer] ?? 1
  const ends = (a: number, b: number): [number, number] => [Math.min(a, b), Math.max(a, b)]
  const [top, bottom] = ends(Math.floor(from / side), Math.floor(to / side))
  const [left, right] = ends(from % side, to % side)
  const cells: number[] = []
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++) cells.push(row * side + column)
  return cells
}

/**
 * The cells that an edit of a selection touches, by layer: those of its own layer, and with `linked` those of all layers
 * that lie over the same pixels.
 */
export function touchedCells(selection: Selection, sides: readonly number[], linked: boolean): number[][] {
  const own = selectedCells(selection, sides)
  const grid = gridOf(sides[selection.layer] ?? 1)
  return sides.map((side, layer) => {
    if (layer === selection.layer) return own
    if (!linked) return []
    const cells = new Set(own.flatMap((cell) => cellsBelow(grid, cell, gridOf(side))))
    return [...cells].sort((x, y) => x - y)
  })
}

const replaced = (
  maps: Maps,
  cells: readonly (readonly number[])[],
  code: (layer: number, cell: number) => number,
): Maps =>
  maps.map((map, layer) => {
    const touched = new Set(cells[layer])
    return touched.size === 0 ? map : map.map((old, cell) => (touched.has(cell) ? code(layer, cell) : old))
  })

/** One code in all of the cells. */
export const masked = (maps: Maps, cells: readonly (readonly number[])[], code: number): Maps =>
  replaced(maps, cells, () => code)

/** The cells of A from B. */
export const transplanted = ({ a, b }: Pair, cells: readonly (readonly number[])[]): Pair => ({
  a: replaced(a, cells, (layer, cell) => b[layer]?.[cell] as number),
  b,
})

/** The cells of A from B and those of B from A. */
export const swapped = ({ a, b }: Pair, cells: readonly (readonly number[])[]): Pair => ({
  a: transplanted({ a, b }, cells).a,
  b: transplanted({ a: b, b: a }, cells).a,
})

/** All cells of one layer. */
export const wholeLayer = (layer: number, sides: readonly number[]): number[][] =>
  sides.map((side, at) => (at === layer ? Array.from({ length: side * side }, (_, cell) => cell) : []))

export const sameMaps = (x: Maps, y: Maps): boolean =>
  x === y || x.every((map, layer) => map === y[layer] || map.every((code, cell) => code === y[layer]?.[cell]))

/** Cells whose codes differ, by layer. */
export const changedCells = (maps: Maps, original: Maps): number[][] =>
  maps.map((map, layer) => map.flatMap((code, cell) => (code === original[layer]?.[cell] ? [] : [cell])))

/** Edits of a pair of pictures, with the way back. */
export interface Editing {
  original: Pair
  now: Pair
  /** What was done, oldest first, with what was before it. */
  done: readonly { name: string; before: Pair }[]
  /** What was undone, latest first, with what was after it. */
  undone: readonly { name: string; after: Pair }[]
}

/** Steps that can be undone. */
const MOST = 200

export const startEditing = (original: Pair): Editing => ({ original, now: original, done: [], undone: [] })

/** One more edit; one that changes nothing is none. */
export function withEdit(editing: Editing, name: string, next: Pair): Editing {
  const { now, done } = editing
  if (sameMaps(now.a, next.a) && sameMaps(now.b, next.b)) return editing
  return { ...editing, now: next, done: [...done, { name, before: now }].slice(-MOST), undone: [] }
}

export function undo(editing: Editing): Editing {
  const last = editing.done.at(-1)
  if (!last) return editing
  return {
    ...editing,
    now: last.before,
    done: editing.done.slice(0, -1),
    undone: [{ name: last.name, after: editing.now }, ...editing.undone],
  }
}

export function redo(editing: Editing): Editing {
  const [next, ...undone] = editing.undone
  if (!next) return editing
  return { ...editing, now: next.after, done: [...editing.done, { name: next.name, before: editing.now }], undone }
}

/** A cell of a layer that the cursor is in, and the one nearest to it in another layer. */
export const cursorInLayer = (
  cursor: { layer: number; cell: number },
  layer: number,
  grids: readonly Grid[],
): number =>
  cursor.layer === layer
    ? cursor.cell
    : cellInLayer(grids[cursor.layer] ?? gridOf(1), cursor.cell, grids[layer] ?? gridOf(1))
