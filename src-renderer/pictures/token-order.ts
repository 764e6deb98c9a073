import { codeOrder } from '../../src-shared/code-maps.ts'
import type { Grid } from './geometry.ts'

/** Values of a picture's codes in token order, brought to the cells of the maps they belong to. */

export const gridOf = (side: number): Grid => ({ rows: side, columns: side })
export const gridsOf = (sides: readonly number[]): Grid[] => sides.map(gridOf)

/** Number of codes of a picture. */
export const codeCount = (sides: readonly number[]): number => sides.reduce((sum, side) => sum + side * side, 0)

/** Place in the token order of each cell, by layer. */
export function placesInOrder(sides: readonly number[]): Int32Array[] {
  const places = sides.map((side) => new Int32Array(side * side))
  for (const [place, { layer, at }] of codeOrder(sides).entries()) (places[layer] as Int32Array)[at] = place
  return places
}

/** What stands in each cell, by layer, of a list in token order that may end early; null: not there. */
export function cellsOfOrder<T>(list: readonly (T | undefined)[], sides: readonly number[]): (T | null)[][] {
  const maps = sides.map((side) => new Array<T | null>(side * side).fill(null))
  for (const [place, { layer, at }] of codeOrder(sides).entries())
    (maps[layer] as (T | null)[])[at] = list[place] ?? null
  return maps
}

/** Numbers in token order as one map a layer. @param values one for each code */
export const mapsOfOrder = (values: ArrayLike<number>, sides: readonly number[]): Float32Array[] =>
  placesInOrder(sides).map((places) => Float32Array.from(places, (place) => values[place] as number))

/**
 * Whole maps out of ones with gaps, so that they can be decoded: a gap takes the code that comes before it in its layer.
 * @param first what stands before the first code of a layer
 */
export const withoutGaps = (
  maps: readonly (readonly (number | null)[])[],
  first: (layer: number) => number,
): number[][] =>
  maps.map((cells, layer) => {
    let last = first(layer)
    return cells.map((code) => {
      last = code ?? last
      return last
    })
  })

/** Cells of the finest map whose pixels are not known yet: a code of theirs, in whatever layer, is missing. */
export function unknownCells(maps: readonly (readonly (number | null)[])[], sides: readonly number[]): boolean[] {
  const finest = sides.at(-1) ?? 0
  return Array.from({ length: finest * finest }, (_, cell) => {
    const [row, column] = [Math.floor(cell / finest), cell % finest]
    return sides.some((side, layer) => {
      const scale = finest / side
      return maps[layer]?.[Math.floor(row / scale) * side + Math.floor(column / scale)] == null
    })
  })
}
