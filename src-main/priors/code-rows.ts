import { rowsOfLayer } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'

/** A codebook as a trained tokenizer has it: K rows, and the token id of each where they are some of a vocabulary's, ascending. */
export interface Codebook {
  codes: number
  ids: Int32Array | null
}

/** Codes by the ids that people see, and as a prior counts them: from 0 in each layer. */
export interface CodeRows {
  /** @throws Error for an id that is no code of the layer */
  toRows(codes: Int32Array, layer: number): Int32Array
  toCodes(rows: Int32Array, layer: number): Int32Array
}

export function codeRows(config: Pick<ExperimentConfig, 'codebook' | 'tokenizer'>, { codes, ids }: Codebook): CodeRows {
  const places = ids && new Map(Array.from(ids, (id, row) => [id, row]))
  return {
    toRows(map, layer) {
      const { first, end } = rowsOfLayer(config, layer, codes)
      return map.map((code, at) => {
        const row = places ? places.get(code) : code
        if (row === undefined || row < first || row >= end)
          throw new Error(`layer ${layer} has code ${code} at place ${at}, which is none of its ${end - first} codes`)
        return row - first
      })
    },
    toCodes(map, layer) {
      const { first } = rowsOfLayer(config, layer, codes)
      return map.map((row) => (ids ? (ids[first + row] as number) : first + row))
    },
  }
}
