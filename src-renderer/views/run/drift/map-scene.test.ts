import { describe, expect, it } from 'vitest'
import { recordedLayer, recordedSample } from '../../../../test/fixtures/recorded-sample.ts'
import { pointColours } from './map-colours.ts'
import { codePlaces, codesToDraw, mapScene, placesAt } from './map-scene.ts'

const sample = recordedSample({
  layers: [recordedLayer([9, 0, 0, 0], [0, -1, 5, -1]), recordedLayer([1, 3, 0, 0], [0, 2, -1, -1])],
  cosine: Float32Array.of(1, 0.5, 0, 1),
  distance: Float32Array.of(0, 1, 1, 0),
  norm: Float32Array.of(1, 2, 3, 4),
  map: { codes: Float32Array.of(0, 0, 1, 0, 2, 0, 3, 0), rows: Float32Array.of(0, 0, 0, 5, 0, 6, 3, 0) },
})
const { codes, rows } = sample.map!

describe('the codes on the map', () => {
  it('are the used ones, the moved ones, or all, and always the selected one', () => {
    expect([...codesToDraw(sample, 'used', 0)]).toEqual([0, 1, 2])
    expect([...codesToDraw(sample, 'moved', 1)]).toEqual([1, 2])
    expect([...codesToDraw(sample, 'moved', 3)]).toEqual([1, 2, 3])
    expect([...codesToDraw(sample, 'all', 0)]).toEqual([0, 1, 2, 3])
  })

  it('go from before to after a sync, and only those that it moved', () => {
    const sync = { moved: Int32Array.of(2), before: Float32Array.of(4, 4), after: Float32Array.of(0, 6) }
    const places = codePlaces(codes, sync)
    expect([...places.xy]).toEqual([0, 0, 1, 0, 4, 4, 3, 0])
    expect([...(places.to ?? [])]).toEqual([0, 0, 1, 0, 0, 6, 3, 0])
    expect([...placesAt(places, 0.5)].slice(4, 6)).toEqual([2, 5])
    expect(placesAt(codePlaces(codes, null), 1)).toBe(codes)
  })

  it('are joined to their own rows by strokes', () => {
    const scene = mapScene({
      rows,
      places: codePlaces(codes, null),
      codes: Int32Array.of(0, 1, 2, 3),
      weight: (code) => [9, 4, 0, 0][code] as number,
      lined: Int32Array.of(2),
      colour: (code) => [code, 0, 0],
      rowColour: [7, 8, 9],
      rowAlpha: 100,
      ground: [0, 0, 0],
      lineColour: [1, 1, 1],
    })
    expect([...scene.lines]).toEqual([0, 6, 2, 0])
    expect(scene.linesTo).toBeNull()
    expect([...scene.layers[1]!.xy]).toEqual([2, 0, 3, 0])
    // Used ones over the others, the most used last.
    expect([...scene.layers[2]!.xy]).toEqual([1, 0, 0, 0])
    expect([...scene.layers[2]!.colour]).toEqual([1, 0, 0, 235, 0, 0, 0, 235])
    expect([...scene.layers[0]!.colour].slice(0, 4)).toEqual([7, 8, 9, 100])
  })
})

describe('the colours of codes', () => {
  const all = Int32Array.of(0, 1, 2, 3)

  it('give the most used the end of the scale, and set codes without hits apart', () => {
    const { colour, legend } = pointColours('usage', sample, all, 'dark')
    if (legend.kind !== 'scale') throw new Error('usage has a scale')
    expect(colour(0)).toEqual(legend.scale(1))
    expect(legend.high).toBe('10')
    expect(colour(2)).toEqual(colour(3))
    expect(colour(2)).not.toEqual(legend.scale(0))
  })

  it('name the layer that hits a code most', () => {
    const { colour, legend } = pointColours('layer', sample, all, 'light')
    if (legend.kind !== 'words') throw new Error('layers have words')
    expect(colour(0)).toEqual(legend.words[0]?.colour)
    expect(colour(1)).toEqual(legend.words[1]?.colour)
    expect(colour(3)).toEqual(legend.words[2]?.colour)
  })

  it('measure drift from 0, and norms between their own ends', () => {
    const drift = pointColours('cosine', sample, all, 'dark').legend
    const norm = pointColours('norm', sample, all, 'dark').legend
    expect(drift).toMatchObject({ low: '0.00', high: '1.00' })
    expect(norm).toMatchObject({ low: '1.00', high: '4.00' })
  })
})
