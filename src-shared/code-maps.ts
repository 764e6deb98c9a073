import type { CodebookConfig, ExperimentConfig, LanguageConfig, TokenizerConfig } from './config.ts'

/** What of a config decides the shapes of its tokenizer. */
export interface TokenizerSettings {
  tokenizer: TokenizerConfig
  /** Side of the pictures. */
  data: { resolution: number }
  codebook: Pick<CodebookConfig, 'paradigm' | 'width' | 'shared'>
  language: Pick<LanguageConfig, 'width'>
}
type Shape = Pick<TokenizerSettings, 'tokenizer' | 'data'>

/** Factor between the picture's side and the finest code map's side. */
export const downsampling = (tokenizer: TokenizerConfig): number =>
  tokenizer.encoder === 'vit' ? tokenizer.vit.patch : 2 ** (tokenizer.channels.length - 1)

/** Sides of the code maps, one per layer, coarse first. */
export function codeMapSides({ tokenizer, data }: Shape): number[] {
  const finest = data.resolution / downsampling(tokenizer)
  const layers = Array.from({ length: tokenizer.layers }, (_, layer) => layer)
  switch (tokenizer.kind) {
    case 'vq':
    case 'rq':
      return layers.map(() => finest)
    case 'hq':
    case 'vqvae2':
      return layers.map((layer) => finest / 2 ** (tokenizer.layers - 1 - layer))
    case 'spae':
      return pyramidSides(finest, tokenizer.layers)
  }
}

/**
 * Sides of a pyramid that doubles from 1 to the finest map's side, then stays there: 1, 2, 4, 8, 16, 16 for 6 layers
 * over a side of 16 (SPAE: 5 layers have 341 tokens, 6 have 597). With fewer layers it begins later, since every
 * position of the finest map must get a code: 4, 8, 16 for 3 layers, 16 for one (LQAE).
 * @param finest a power of two
 */
export function pyramidSides(finest: number, layers: number): number[] {
  const first = Math.max(0, Math.log2(finest) + 1 - layers)
  return Array.from({ length: layers }, (_, layer) => Math.min(finest, 2 ** (first + layer)))
}

/** Codes that one picture becomes. */
export const tokensPerPicture = (config: Shape): number =>
  codeMapSides(config).reduce((sum, side) => sum + side * side, 0)

/** Width of a code: the language model's, unless an independent codebook has its own. */
export const codeWidth = ({ codebook, language }: Pick<TokenizerSettings, 'codebook' | 'language'>): number =>
  codebook.paradigm === 'independent' && codebook.width > 0 ? codebook.width : language.width

/**
 * The rows of the codebook's table that are a layer's own, from `first` to before `end`: all of them where the layers share
 * a codebook.
 * @param rows of the whole table
 */
export function rowsOfLayer(
  { codebook, tokenizer }: Pick<TokenizerSettings, 'codebook' | 'tokenizer'>,
  layer: number,
  rows: number,
): { first: number; end: number } {
  if (codebook.shared) return { first: 0, end: rows }
  const each = rows / tokenizer.layers
  return { first: layer * each, end: (layer + 1) * each }
}

/** Rows of the codebook's table, over all layers. @param vocabulary tokens of the language model */
export function codebookRows(
  { codebook, tokenizer }: Pick<ExperimentConfig, 'codebook' | 'tokenizer'>,
  vocabulary: number,
): number {
  if (codebook.paradigm === 'independent') return codebook.size * (codebook.shared ? 1 : tokenizer.layers)
  return codebook.rows === 'all' ? vocabulary : codebook.size
}

/** One code of a picture: its layer, coarse first, and its place in that layer's map, row by row. */
export interface CodePlace {
  layer: number
  at: number
}

/**
 * The token order of a picture's codes, depth first: for each cell of the coarsest map row by row its code, then what lies
 * below it in the next layer, row by row, each followed by its own before the next. Where a layer's map doubles the side
 * that is a code and its 2 × 2 children (HQ); where it does not, the depths of one position (RQ).
 * @param sides of the maps, each the one before it or twice that
 */
export function codeOrder(sides: readonly number[]): CodePlace[] {
  const order: CodePlace[] = []
  const visit = (layer: number, row: number, column: number): void => {
    const side = sides[layer] as number
    order.push({ layer, at: row * side + column })
    const next = sides[layer + 1]
    if (next === undefined) return
    const factor = next / side
    for (let y = 0; y < factor; y++)
      for (let x = 0; x < factor; x++) visit(layer + 1, row * factor + y, column * factor + x)
  }
  const coarsest = sides[0] as number
  for (let row = 0; row < coarsest; row++) for (let column = 0; column < coarsest; column++) visit(0, row, column)
  return order
}

/** The codes of one picture in token order. @param maps of each layer row by row, coarse first */
export const flattenCodes = (maps: readonly ArrayLike<number>[], sides: readonly number[]): Int32Array =>
  Int32Array.from(codeOrder(sides), ({ layer, at }) => maps[layer]?.[at] as number)

/** The inverse of `flattenCodes`. */
export function unflattenCodes(codes: ArrayLike<number>, sides: readonly number[]): Int32Array[] {
  const maps = sides.map((side) => new Int32Array(side * side))
  for (const [place, { layer, at }] of codeOrder(sides).entries())
    (maps[layer] as Int32Array)[at] = codes[place] as number
  return maps
}
