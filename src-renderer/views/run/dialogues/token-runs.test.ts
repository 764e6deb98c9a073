import { expect, it } from 'vitest'
import type { ShownPosition } from '../../../../src-shared/contract/multimodal.ts'
import { countPositions, describePosition, lookOf, tokenRuns } from './token-runs.ts'

const text = (token: number, learned: boolean): ShownPosition => ({
  kind: 'text',
  token,
  text: ` t${token}`,
  learned,
  layer: -1,
  cell: -1,
})
const code = (layer: number, learned: boolean): ShownPosition => ({ ...text(9, learned), kind: 'code', layer, cell: 2 })
const cell: ShownPosition = { ...text(-1, false), kind: 'cell', cell: 3 }
const sequence = [text(1, false), cell, cell, text(2, false), text(3, true), code(0, true), code(1, true)]

it('cuts a sequence into texts and pictures, and the answer from the prompt', () => {
  expect(
    tokenRuns(sequence).map(({ kind, learned, from, positions }) => [kind, learned, from, positions.length]),
  ).toEqual([
    ['text', false, 0, 1],
    ['picture', false, 1, 2],
    ['text', false, 3, 1],
    ['text', true, 4, 1],
    ['picture', true, 5, 2],
  ])
})

it('tells what a position is, in looks and in words', () => {
  expect(sequence.map(lookOf)).toEqual(['prompt', 'cell', 'cell', 'prompt', 'answer', 'code', 'code'])
  expect(describePosition(text(3, true), 4)).toBe('Position 5: token 3 “␣t3”; learned')
  expect(describePosition(code(1, false), 0)).toContain('code of layer 1, cell 2, token 9')
  expect(describePosition(cell, 0)).toBe('Position 1: vector of all codes of cell 3; read, not learned')
})

it('counts positions by what they are', () => {
  expect(countPositions(sequence)).toEqual({ all: 7, learned: 3, picture: 4 })
})
