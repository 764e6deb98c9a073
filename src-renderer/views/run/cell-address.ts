import type { Sample } from '../../pictures/sample.ts'

/** A cell of the code map of one layer. */
export interface CellPlace {
  layer: number
  cell: number
}

/** "1.42" for cell 42 of layer 1, as it stands in the address. */
export const formatCell = (place: CellPlace): string => `${place.layer}.${place.cell}`

/** The cell that an address names; null if the sample has no such cell. */
export function parseCell(text: string, sample: Sample): CellPlace | null {
  const match = /^(\d+)\.(\d+)$/.exec(text)
  if (!match) return null
  const place = { layer: Number(match[1]), cell: Number(match[2]) }
  const grid = sample.layers[place.layer]?.grid
  return grid && place.cell < grid.rows * grid.columns ? place : null
}
