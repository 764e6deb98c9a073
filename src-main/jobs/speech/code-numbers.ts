import { flattenCodes, unflattenCodes } from '../../../src-shared/code-maps.ts'
import { ModelError } from './model-error.ts'

/**
 * Codes as people see them: by their token ids where the codebook is some of the vocabulary's rows, else by their rows in
 * the codebook's table; maps of each layer, row by row. The model has them by their rows, in token order.
 */
export interface CodeNumbers {
  shown(row: number): number
  /** @throws ModelError for one that is no code */
  row(shown: number): number
  /** @param rows in token order */
  maps(rows: ArrayLike<number>): number[][]
  /** @returns rows in token order @throws ModelError for maps that are not of the model's layers and sides */
  rows(maps: readonly (readonly number[])[]): Int32Array
}

/** @param codes rows of the codebook's table @param ids token id of each; null if they are one */
export function codeNumbers(sides: readonly number[], codes: number, ids: Int32Array | null): CodeNumbers {
  const rowOfId = ids && new Map(Array.from(ids, (id, row) => [id, row] as const))
  const numbers: CodeNumbers = {
    shown: (row) => (ids ? (ids[row] as number) : row),
    row: (shown) => {
      const row = rowOfId ? rowOfId.get(shown) : shown
      if (row === undefined || row >= codes)
        throw new ModelError(
          'bad-request',
          `${shown} is no code of this run`,
          ids
            ? `Its codes are ${codes} token ids from ${ids[0]} to ${ids.at(-1)}.`
            : `Its codes run from 0 to ${codes - 1}.`,
        )
      return row
    },
    maps: (rows) => unflattenCodes(rows, sides).map((map) => Array.from(map, numbers.shown)),
    rows: (maps) => {
      const wanted = sides.map((side) => side * side)
      if (maps.map(({ length }) => length).join() !== wanted.join())
        throw new ModelError(
          'bad-request',
          `code maps of ${maps.map(({ length }) => length).join(' + ')} codes are not a picture of this run`,
          `Its layers have ${wanted.join(' + ')} codes, coarse first.`,
        )
      return flattenCodes(
        maps.map((map) => Int32Array.from(map, numbers.row)),
        sides,
      )
    },
  }
  return numbers
}
