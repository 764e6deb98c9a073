import { expect, it } from 'vitest'
import type { PlacedPicture } from './dialogue.ts'
import { layoutOfSides } from './picture-layout.ts'
import { shownPositions } from './shown-dialogue.ts'

const picture: PlacedPicture['picture'] = { kind: 'picture', picture: 0 }
const wording = {
  layout: layoutOfSides([2, 4]),
  tokenOf: (code: number) => 100 + code,
  word: (token: number) => `word ${token}`,
  code: (code: number) => `code ${code}`,
}

it('gives text its words, and codes their tokens, layers and cells', () => {
  const codes = [7, 1, 2, 3, 4, 8, 5, 6, 7, 8]
  const shown = shownPositions(
    {
      positions: [{ kind: 'text', token: 3 }, ...codes.map((code) => ({ kind: 'code' as const, code }))],
      tokens: Int32Array.from([3, ...codes.map((code) => 100 + code)]),
      learned: [false, ...codes.map(() => true)],
    },
    [{ picture, form: 'flattened', cells: { from: 2, to: 4 } }],
    wording,
  )
  expect(shown[0]).toEqual({ kind: 'text', token: 3, text: 'word 3', learned: false, layer: -1, cell: -1 })
  expect(shown[1]).toEqual({ kind: 'code', token: 107, text: 'code 7', learned: true, layer: 0, cell: 2 })
  expect(shown.slice(1).map(({ layer }) => layer)).toEqual([0, 1, 1, 1, 1, 0, 1, 1, 1, 1])
  expect(shown.slice(1).map(({ cell }) => cell)).toEqual([2, 2, 2, 2, 2, 3, 3, 3, 3, 3])
})

it('counts the cells of each picture by itself', () => {
  const cells = [0, 1, 2, 3].map(() => ({ kind: 'cell' as const, codes: [1, 2, 3, 4, 5] }))
  const features = [0, 1].map(() => ({ kind: 'features' as const, features: [0] }))
  const positions = [...cells, ...features]
  const shown = shownPositions(
    { positions, tokens: new Int32Array(6).fill(-1), learned: positions.map(() => false) },
    [
      { picture, form: 'aggregated' },
      { picture, form: 'read', cells: { from: 1, to: 3 } },
    ],
    wording,
  )
  expect(shown.map(({ cell }) => cell)).toEqual([0, 1, 2, 3, 1, 2])
  expect(shown[0]).toMatchObject({ kind: 'cell', token: -1, text: 'code 1 + code 2 + code 3 + code 4 + code 5' })
})
