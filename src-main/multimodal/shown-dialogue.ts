import type { ShownPosition } from '../../src-shared/contract/multimodal.ts'
import type { PictureLayout } from './picture-layout.ts'
import type { Position } from './positions.ts'
import type { Sequence } from './sequence.ts'

/** How people read what stands in a sequence. */
export interface Wording {
  layout: PictureLayout
  /** Token id of a code, by its row in the codebook's table. */
  tokenOf(code: number): number
  /** A text's token as people read it. */
  word(token: number): string
  /** A code as people read it, by its row in the codebook's table. */
  code(code: number): string
}

/** The positions of a dialogue's sequence, each with its token, its layer and its cell. */
export function shownPositions({ positions, tokens, learned }: Sequence, wording: Wording): ShownPosition[] {
  const { layers } = wording.layout
  const shown = (position: Position, at: number): ShownPosition => {
    const common = { token: tokens[at] as number, learned: learned[at] as boolean }
    switch (position.kind) {
      case 'text':
        return { kind: 'text', ...common, text: wording.word(position.token), layer: -1, cell: -1 }
      case 'code': {
        const { cell, slot } = position
        const token = wording.tokenOf(position.code)
        return {
          ...common,
          kind: 'code',
          token,
          text: wording.code(position.code),
          layer: layers[slot] as number,
          cell,
        }
      }
      case 'cell':
        return {
          kind: 'cell',
          ...common,
          text: Array.from(position.codes, wording.code).join(' + '),
          layer: -1,
          cell: position.cell,
        }
      case 'features':
        return { kind: 'features', ...common, text: 'features', layer: -1, cell: position.cell }
      case 'nothing':
        throw new RangeError(`position ${at} of a dialogue is nothing, which no dialogue is laid out with`)
    }
  }
  return positions.map(shown)
}
