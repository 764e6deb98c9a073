import { describe, expect, it } from 'vitest'
import { recordedSample } from '../../test/fixtures/recorded-sample.ts'
import { cellScale, colourOfId, coloursOf, paintCodes } from './cell-colours.ts'

const sample = recordedSample({
  step: 0,
  layers: [
    {
      grid: { rows: 2, columns: 2 },
      codes: Int32Array.of(0, 1, 1, 2),
      usage: Int32Array.of(1, 40, 0),
      history: null,
    },
  ],
  cosine: Float32Array.of(1, 0, -1),
  distance: Float32Array.of(0.5, 2, 90),
  norm: Float32Array.of(1, 1, 1),
  projection: Float32Array.of(1, 1, 0, 1.05, 1, 0, -2, 0, 1),
})
const layer = sample.layers[0]!

describe('cellScale', () => {
  it('gives used codes the whole distance scale, whatever a dead code is at', () => {
    const scale = cellScale('distance', sample, layer)
    expect(scale.legend?.high).toBe('2.0')
    expect(scale.colour(1)).toEqual(scale.colour(2))
  })
  it('shows a zero cosine in the middle of the diverging scale', () => {
    const scale = cellScale('cosine', sample, layer)
    expect(scale.colour(1)).toEqual(scale.legend?.scale(0.5))
  })
  it('puts unused codes at the low end of the usage scale', () => {
    const scale = cellScale('usage', sample, layer)
    expect(scale.colour(2)).toEqual(scale.legend?.scale(0))
    expect(scale.colour(1)).toEqual(scale.legend?.scale(1))
  })
})

describe('the colour by likeness', () => {
  it('is nearly the same for neighbours and another for a code far away', () => {
    const { colour } = cellScale('semantic', sample, layer)
    const apart = (a: number, b: number) =>
      colour(a).reduce((sum, value, at) => sum + Math.abs(value - (colour(b)[at] as number)), 0)
    expect(apart(0, 1)).toBeLessThan(10)
    expect(apart(0, 2)).toBeGreaterThan(100)
  })
  it('is not offered for samples that do not say where codes lie', () => {
    expect(coloursOf(sample)).toContain('semantic')
    expect(coloursOf({ ...sample, projection: new Float32Array() })).not.toContain('semantic')
  })
})

describe('colourOfId', () => {
  it('tells a code from its next hundred', () => {
    const seen = new Set(Array.from({ length: 100 }, (_, code) => colourOfId(code).join()))
    expect(seen.size).toBeGreaterThan(97)
  })
})

describe('coloursOf', () => {
  it('offers drift only to runs that have it', () => {
    expect(coloursOf(sample)).toContain('cosine')
    expect(coloursOf({ ...sample, cosine: new Float32Array(), distance: new Float32Array() })).toEqual([
      'id',
      'semantic',
      'usage',
      'norm',
    ])
  })
})

describe('paintCodes', () => {
  it('paints one opaque pixel a cell', () => {
    const pixels = paintCodes(layer.codes, cellScale('id', sample, layer))
    expect(pixels).toHaveLength(16)
    expect([...pixels.slice(4, 8)]).toEqual([...pixels.slice(8, 12)])
    expect(pixels[3]).toBe(255)
  })
})
