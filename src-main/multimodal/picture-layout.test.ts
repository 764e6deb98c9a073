import { describe, expect, it } from 'vitest'
import { tinyStageTwoConfig } from '../../test/fixtures/tiny-stage-two-config.ts'
import { codeTokens, layoutOfSides, pictureLayout } from './picture-layout.ts'

describe('the layout of a picture', () => {
  it('has as many codes for each cell as lie below it, each with its layer', () => {
    expect(layoutOfSides([2, 4])).toEqual({ sides: [2, 4], cells: 4, slots: 5, layers: [0, 1, 1, 1, 1] })
    expect(layoutOfSides([3, 3, 3])).toEqual({ sides: [3, 3, 3], cells: 9, slots: 3, layers: [0, 1, 2] })
    expect(layoutOfSides([1, 2, 2]).layers).toEqual([0, 1, 2, 1, 2, 1, 2, 1, 2])
  })

  it('is that of the side at which pictures are read', () => {
    expect(pictureLayout(tinyStageTwoConfig('paint')).sides).toEqual([2, 4])
    const larger = tinyStageTwoConfig('paint', ({ multimodal }) =>
      Object.assign(multimodal, { resolution: 64, context: 200 }),
    )
    expect(pictureLayout(larger)).toMatchObject({ sides: [4, 8], cells: 16 })
  })
})

describe('the tokens of codes', () => {
  const layout = layoutOfSides([2, 4])

  it('are the vocabulary’s own where the codebook is unified', () => {
    const tokens = codeTokens(tinyStageTwoConfig('paint'), layout, { vocabulary: 9, ids: null, codes: 9 })
    expect(tokens).toMatchObject({ outputs: 9 })
    expect([tokens.tokenOf(4), tokens.codeOf(4), tokens.codeOf(9)]).toEqual([4, 4, -1])
    expect([...tokens.allowed(3)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('are the token ids of the rows that were chosen', () => {
    const config = tinyStageTwoConfig('paint', ({ codebook }) => Object.assign(codebook, { rows: 'random', size: 3 }))
    const tokens = codeTokens(config, layout, { vocabulary: 9, ids: Int32Array.of(2, 5, 7), codes: 3 })
    expect([tokens.tokenOf(1), tokens.codeOf(5), tokens.codeOf(1)]).toEqual([5, 1, -1])
    expect([...tokens.allowed(0)]).toEqual([2, 5, 7])
  })

  it('stand behind the vocabulary where they are the visual codes’ own, those of a layer for its slots', () => {
    const config = tinyStageTwoConfig('paint', ({ multimodal, codebook }) => {
      multimodal.paradigm = 'visual-tokenizer'
      Object.assign(codebook, { paradigm: 'independent', size: 4, shared: false })
    })
    const tokens = codeTokens(config, layout, { vocabulary: 9, ids: null, codes: 8 })
    expect(tokens.outputs).toBe(17)
    expect([tokens.tokenOf(0), tokens.codeOf(16), tokens.codeOf(8)]).toEqual([9, 7, -1])
    expect([...tokens.allowed(0)]).toEqual([9, 10, 11, 12])
    expect([...tokens.allowed(6)]).toEqual([13, 14, 15, 16])
  })
})
