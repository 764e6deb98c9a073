import type { ShownPosition } from '../../../../src-shared/contract/multimodal.ts'

/** How a position is drawn. */
export type TokenLook = 'prompt' | 'answer' | 'code' | 'cell' | 'features'

export const lookOf = ({ kind, learned }: ShownPosition): TokenLook =>
  kind === 'text' ? (learned ? 'answer' : 'prompt') : kind

/** Positions in a row that are drawn alike: a stretch of text, or a picture. */
export interface TokenRun {
  kind: 'text' | 'picture'
  learned: boolean
  /** Index of the first position. */
  from: number
  positions: ShownPosition[]
}

/** A sequence as texts and pictures in turn, learned and not learned apart. */
export function tokenRuns(positions: readonly ShownPosition[]): TokenRun[] {
  const runs: TokenRun[] = []
  for (const [at, position] of positions.entries()) {
    const kind = position.kind === 'text' ? 'text' : 'picture'
    const last = runs.at(-1)
    if (last?.kind === kind && last.learned === position.learned) last.positions.push(position)
    else runs.push({ kind, learned: position.learned, from: at, positions: [position] })
  }
  return runs
}

/** A token as text: spaces and line ends made visible. */
export const shownText = (text: string): string =>
  text === '' ? '∅' : text.replaceAll(' ', '␣').replaceAll('\n', '⏎').replaceAll('\t', '⇥')

/** What is said of a position when it is pointed at. */
export function describePosition(position: ShownPosition, index: number): string {
  const { kind, token, text, learned, layer, cell } = position
  const what = {
    text: `token ${token} “${shownText(text)}”`,
    code: `code of layer ${layer}, cell ${cell}, token ${token} “${shownText(text)}”`,
    cell: `vector of all codes of cell ${cell}`,
    features: `features of the encoder for cell ${cell}`,
  }[kind]
  return `Position ${index + 1}: ${what}; ${learned ? 'learned' : 'read, not learned'}`
}

/** Positions of a sequence by what they are. */
export const countPositions = (
  positions: readonly ShownPosition[],
): { all: number; learned: number; picture: number } => ({
  all: positions.length,
  learned: positions.filter(({ learned }) => learned).length,
  picture: positions.filter(({ kind }) => kind !== 'text').length,
})
