import { codeMapSides, rowsOfLayer } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'

/** A codebook and the layers that share it: its rows of the table, and the vectors that a step quantizes with it. */
export interface Book {
  /** Rows from `first` to before `end`. */
  first: number
  end: number
  /** The layers' vectors among all of a step, layer after layer: from `from` to before `to`. */
  from: number
  to: number
}

/** One codebook for all layers, or one for each. @param rows of the whole table */
export function booksOf(config: ExperimentConfig, rows: number): Book[] {
  const vectors = codeMapSides(config).map((side) => config.training.batchSize * side * side)
  const total = vectors.reduce((sum, count) => sum + count, 0)
  if (config.codebook.shared) return [{ first: 0, end: rows, from: 0, to: total }]
  let from = 0
  return vectors.map((count, layer) => {
    const book = { ...rowsOfLayer(config, layer, rows), from, to: from + count }
    from += count
    return book
  })
}

/** Vectors of a step divided by codes: the mean running count of a code. */
export const meanCount = ({ first, end, from, to }: Book): number => (to - from) / (end - first)
