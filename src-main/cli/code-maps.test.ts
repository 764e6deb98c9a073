import { describe, expect, it } from 'vitest'
import { codeMapArrays, codeMapsFromArrays, codeMapsOf, codesOf, parseCodeMaps } from './code-maps.ts'

const coarse = Int32Array.of(7, 9)
const fine = Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7)
const maps = codeMapsOf(['a.png', 'b.png'], [coarse, fine], [1, 2], ['x', 'y'])

describe('exported code maps', () => {
  it('hold one list of codes per picture and layer, coarse first', () => {
    expect(maps.layers).toEqual([
      { side: 1, codes: [[7], [9]] },
      {
        side: 2,
        codes: [
          [0, 1, 2, 3],
          [4, 5, 6, 7],
        ],
      },
    ])
    expect(maps.tokens).toEqual(['x', 'y'])
  })

  it('leave out the tokens of an independent codebook', () => {
    expect('tokens' in codeMapsOf(['a'], [Int32Array.of(1)], [1], [])).toBe(false)
  })

  it('come back from JSON as they went out', () => {
    const back = parseCodeMaps(JSON.stringify(maps))
    expect(back).toEqual(maps)
    expect(codesOf(back)).toEqual([coarse, fine])
  })

  it('come back from one npy file per layer', () => {
    const files = codeMapArrays(maps)
    expect(files.map((file) => file.name)).toEqual(['codes.0.npy', 'codes.1.npy'])
    expect(codesOf(codeMapsFromArrays(files.map((file) => file.bytes)))).toEqual([coarse, fine])
  })

  it('go out and come back in every layer of a pyramid, however many there are', () => {
    const sides = [1, 2, 4, 8, 16, 16, 16, 16, 16, 16, 16]
    const layers = sides.map((side, layer) =>
      Int32Array.from({ length: 3 * side * side }, (_, at) => 1000 * layer + at),
    )
    const pyramid = codeMapsOf(['a', 'b', 'c'], layers, sides, [])
    expect(codesOf(parseCodeMaps(JSON.stringify(pyramid)))).toEqual(layers)
    const files = codeMapArrays(pyramid)
    expect(files.map(({ name }) => name).at(-1)).toBe('codes.10.npy')
    const back = codeMapsFromArrays(files.map(({ bytes }) => bytes))
    expect(back.layers.map(({ side }) => side)).toEqual(sides)
    expect(codesOf(back)).toEqual(layers)
  })

  it('are refused with the place that does not fit', () => {
    const edited = (change: (copy: typeof maps) => void) => {
      const copy = structuredClone(maps)
      change(copy)
      return () => parseCodeMaps(JSON.stringify(copy))
    }
    expect(() => parseCodeMaps('codes')).toThrow('not JSON')
    expect(edited((copy) => void copy.layers[0]?.codes.pop())).toThrow('layer 0 has maps of 1 pictures; 2 are named')
    expect(edited((copy) => void copy.layers[1]?.codes[1]?.pop())).toThrow('layer 1: a map of 3 codes; side 2 needs 4')
    expect(edited((copy) => copy.layers[0]?.codes[0]?.fill(-1))).toThrow('"layers.0.codes.0.0"')
    expect(() => codeMapsOf(['a'], [Int32Array.of(1, 2)], [1], [])).toThrow('layer 0: 2 codes are not 1 maps of side 1')
    expect(() => codeMapsFromArrays([])).toThrow('no codes.0.npy')
  })
})
