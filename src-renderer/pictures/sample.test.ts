import { describe, expect, it } from 'vitest'
import { encodeSafetensors, type StoredTensor } from '../../src-shared/safetensors.ts'
import { decodeSample, pictureBytes, pictureCodes, placesOfCode, totalUsage } from './sample.ts'

function file(change: (tensors: Record<string, StoredTensor>) => void = () => {}): Uint8Array {
  const bytes = (from: number) => Uint8Array.from({ length: 2 * 4 * 4 * 3 }, (_, i) => (from + i) % 256)
  const tensors: Record<string, StoredTensor> = {
    input: { dtype: 'U8', shape: [2, 4, 4, 3], data: bytes(0) },
    reconstruction: { dtype: 'U8', shape: [2, 4, 4, 3], data: bytes(7) },
    'codes.0': { dtype: 'I32', shape: [2, 1, 1], data: Int32Array.of(2, 1) },
    'usage.0': { dtype: 'I32', shape: [3], data: Int32Array.of(0, 4, 9) },
    'codes.1': { dtype: 'I32', shape: [2, 2, 2], data: Int32Array.of(0, 1, 1, 2, 2, 2, 0, 0) },
    'usage.1': { dtype: 'I32', shape: [3], data: Int32Array.of(1, 1, 0) },
    'drift.cosine': { dtype: 'F32', shape: [3], data: Float32Array.of(1, 0, -1) },
    'drift.distance': { dtype: 'F32', shape: [3], data: Float32Array.of(0, 1, 2) },
    norm: { dtype: 'F32', shape: [3], data: Float32Array.of(1, 1, 1) },
  }
  change(tensors)
  return encodeSafetensors(tensors, { captions: JSON.stringify(['a hat', 'a cat']) })
}

describe('decodeSample', () => {
  it('reads pictures, layers from coarse to fine, drift and captions', () => {
    const sample = decodeSample(50, file())
    expect(sample).toMatchObject({ step: 50, pictures: 2, side: 4, captions: ['a hat', 'a cat'] })
    expect(sample.layers.map((layer) => layer.grid.rows)).toEqual([1, 2])
    expect(pictureBytes(sample.input, 1, 4)[0]).toBe(48)
    expect([...pictureCodes(sample.layers[1]!, 1)]).toEqual([2, 2, 0, 0])
  })
  it('reads any number of layers, maps of one cell among them', () => {
    const sides = [1, 1, 2, 4, 4, 4, 4, 4, 4, 4, 4, 4]
    const sample = decodeSample(
      0,
      file((tensors) => {
        for (const [layer, side] of sides.entries()) {
          tensors[`codes.${layer}`] = {
            dtype: 'I32',
            shape: [2, side, side],
            data: new Int32Array(2 * side * side).fill(layer % 3),
          }
          tensors[`usage.${layer}`] = { dtype: 'I32', shape: [3], data: Int32Array.of(0, 1, 2) }
        }
      }),
    )
    expect(sample.layers.map(({ grid }) => grid.columns)).toEqual(sides)
    expect(sample.layers.map((layer) => pictureCodes(layer, 1).length)).toEqual(sides.map((side) => side * side))
    expect([...totalUsage(sample)]).toEqual([0, 12, 24])
  })
  it('names a tensor that is missing', () => {
    expect(() =>
      decodeSample(
        0,
        file((t) => delete t['usage.1']),
      ),
    ).toThrow(/"usage\.1" is missing/)
  })
  it('names a tensor of another kind than the layout says', () => {
    const broken = file((t) => {
      t['codes.0'] = { dtype: 'F32', shape: [2, 1, 1], data: Float32Array.of(1, 2) }
    })
    expect(() => decodeSample(0, broken)).toThrow(/"codes\.0" is F32 \[2, 1, 1\]/)
  })
  it('reads a run without a language model as one without drift', () => {
    const sample = decodeSample(
      0,
      file((t) => delete t['drift.cosine']),
    )
    expect(sample.cosine.length).toBe(0)
  })
})

describe('codes of a sample', () => {
  it('finds every place of a code, layer by layer', () => {
    expect(placesOfCode(decodeSample(0, file()), 0, 2)).toEqual([[0], [3]])
    expect(placesOfCode(decodeSample(0, file()), 1, 2)).toEqual([[], [0, 1]])
  })
  it('adds up the hits of all layers', () => {
    expect([...totalUsage(decodeSample(0, file()))]).toEqual([1, 5, 9])
  })
})
