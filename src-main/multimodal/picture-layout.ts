import { codeMapSides, codeOrder, rowsOfLayer } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'

/** How the codes of a picture lie in a sequence: cell after cell of the coarsest map, each with all its codes. */
export interface PictureLayout {
  /** Sides of the code maps, coarse first, at the resolution at which pictures are read. */
  sides: number[]
  /** Cells of the coarsest map. */
  cells: number
  /** Codes of one cell, S: its own and all that lies below it. */
  slots: number
  /** Layer of each slot. */
  layers: number[]
}

/** Where a code lies. @param at its place in the sequence of a picture's codes @param slots codes of one cell */
export const placeOfCode = (at: number, slots: number): { cell: number; slot: number } => ({
  cell: Math.floor(at / slots),
  slot: at % slots,
})

/** Cells of the coarsest map in row order, from the first to before the last. */
export interface CellRange {
  from: number
  to: number
}

/** Side in pixels at which Stage II reads pictures. */
export const readingResolution = ({ multimodal, data }: Pick<ExperimentConfig, 'multimodal' | 'data'>): number =>
  multimodal.resolution > 0 ? multimodal.resolution : data.resolution

/** The config of the same tokenizer for pictures of the side at which they are read. */
export const readingConfig = (config: ExperimentConfig): ExperimentConfig => ({
  ...config,
  data: { ...config.data, resolution: readingResolution(config) as ExperimentConfig['data']['resolution'] },
})

export function pictureLayout(config: ExperimentConfig): PictureLayout {
  return layoutOfSides(codeMapSides(readingConfig(config)))
}

export function layoutOfSides(sides: number[]): PictureLayout {
  const cells = (sides[0] as number) ** 2
  const order = codeOrder(sides)
  const slots = order.length / cells
  return { sides, cells, slots, layers: order.slice(0, slots).map(({ layer }) => layer) }
}

/**
 * Which token each code is, and which codes a slot may hold.
 * unified: the token whose row the code is. visual-tokenizer: a token of its own, behind the vocabulary.
 */
export interface CodeTokens {
  /** Tokens that can be predicted: the vocabulary, and the visual codes where they have their own. */
  outputs: number
  /** @param code row of the codebook's table */
  tokenOf(code: number): number
  /** Row of the codebook's table, or −1 if the token is no code. */
  codeOf(token: number): number
  /** Tokens that a slot's code may be, rising. */
  allowed(slot: number): Int32Array
}

/**
 * @param vocabulary tokens of the language model
 * @param ids token id of each code, ascending, where the codebook is some of the vocabulary's rows; else null
 * @param codes rows of the codebook's table
 */
export function codeTokens(
  config: ExperimentConfig,
  layout: Pick<PictureLayout, 'layers'>,
  { vocabulary, ids, codes }: { vocabulary: number; ids: Int32Array | null; codes: number },
): CodeTokens {
  const own = config.multimodal.paradigm !== 'unified'
  const tokenOf = own ? (code: number) => vocabulary + code : (code: number) => (ids ? (ids[code] as number) : code)
  const rows = ids && !own ? new Map(Array.from(ids, (id, code) => [id, code] as const)) : null
  const ofLayer = new Map<number, Int32Array>()
  const allowed = (layer: number): Int32Array => {
    const known = ofLayer.get(layer)
    if (known) return known
    const { first, end } = rowsOfLayer(config, layer, codes)
    const tokens = Int32Array.from({ length: end - first }, (_, at) => tokenOf(first + at))
    ofLayer.set(layer, tokens)
    return tokens
  }
  return {
    outputs: own ? vocabulary + codes : vocabulary,
    tokenOf,
    codeOf: (token) => {
      if (rows) return rows.get(token) ?? -1
      const code = own ? token - vocabulary : token
      return code >= 0 && code < codes ? code : -1
    },
    allowed: (slot) => allowed(layout.layers[slot % layout.layers.length] as number),
  }
}
