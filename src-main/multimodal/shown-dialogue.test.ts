import { expect, it } from 'vitest'
import { layoutOfSides } from './picture-layout.ts'
import { shownPositions } from './shown-dialogue.ts'

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
      positions: [
        { kind: 'text', token: 3 },
        ...codes.map((code, at) => ({ kind: 'code' as const, code, cell: 2 + Math.floor(at / 5), slot: at % 5 })),
      ],
      tokens: Int32Array.from([3, ...codes.map((code) => 100 + code)]),
      learned: [false, ...codes.map(() => true)],
    },
    wording,
  )
  expect(shown[0]).toEqual({ kind: 'text', token: 3, text: 'word 3', learned: false, layer: -1, cell: -1 })
  expect(shown[1]).toEqual({ kind: 'code', token: 107, text: 'code 7', learned: true, layer: 0, cell: 2 })
  expect(shown.slice(1).map(({ layer }) => layer)).toEqual([0, 1, 1, 1, 1, 0, 1, 1, 1, 1])
  expect(shown.slice(1).map(({ cell }) => cell)).toEqual([2, 2, 2, 2, 2, 3, 3, 3, 3, 3])
})

it('gives vectors that are no token the cells that they are of', () => {
  const cells = [0, 1, 2, 3].map((cell) => ({ kind: 'cell' as const, codes: [1, 2, 3, 4, 5], cell }))
  const features = [1, 2].map((cell) => ({ kind: 'features' as const, features: [0], cell }))
  const positions = [...cells, ...features]
  const shown = shownPositions(
    { positions, tokens: new Int32Array(6).fill(-1), learned: positions.map(() => false) },
    wording,
  )
  expect(shown.map(({ cell }) => cell)).toEqual([0, 1, 2, 3, 1, 2])
  expect(shown[0]).toMatchObject({ kind: 'cell', token: -1, text: 'code 1 + code 2 + code 3 + code 4 + code 5' })
})
