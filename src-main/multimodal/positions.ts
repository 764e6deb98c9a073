import { float32, type HostTensor, int32 } from '../engine/runtimes/runtime.ts'
import type { Spec } from '../engine/trace.ts'

/** What stands at one position of a sequence. */
export type Position =
  /** A token of the text. */
  | { kind: 'text'; token: number }
  /** One code, by its row in the codebook's table, in its cell of the coarsest map and its slot of that cell. */
  | { kind: 'code'; code: number; cell: number; slot: number }
  /** All codes of one cell of the coarsest map, in token order. */
  | { kind: 'cell'; codes: ArrayLike<number>; cell: number }
  /** What the encoder gave for one cell, [F]. */
  | { kind: 'features'; features: ArrayLike<number>; cell: number }
  /** A vector of zeros: what a model sees that is shown no picture. */
  | { kind: 'nothing' }

/** What of a config decides the inputs of a sequence. */
export interface PositionShape {
  /** Codes of one cell, S; 0 where no code is ever read. */
  slots: number
  /** Width F of the encoder's features; 0 where none are ever read. */
  features: number
  /** Weight of each slot's vector in a cell's, [S]; null: they are joined and multiplied by a matrix. */
  weights: readonly number[] | null
  /** Cells of the coarsest map, where each has a vector of its place; 0 where none has. */
  places: number
}

export interface SequenceSize {
  batch: number
  length: number
}

/** Inputs of a program that reads sequences: `positionTensors` fills them, `embedPositions` reads them. */
export function positionSpecs(
  { slots, features, weights, places }: PositionShape,
  { batch, length }: SequenceSize,
): Record<string, Spec> {
  const size = [batch, length]
  return {
    tokens: { shape: size, dtype: 'int32' },
    isText: { shape: size },
    ...(slots > 0
      ? { codes: { shape: [...size, slots], dtype: 'int32' as const }, slotWeights: { shape: [...size, slots] } }
      : {}),
    ...(slots > 0 && weights === null ? { isJoined: { shape: size } } : {}),
    ...(features > 0 ? { features: { shape: [...size, features] }, isFeatures: { shape: size } } : {}),
    ...(places > 0
      ? { places: { shape: [...size, 2], dtype: 'int32' as const }, isPlaced: { shape: [...size, 2] } }
      : {}),
  }
}

/**
 * Sequences as tensors, filled up behind their ends.
 * @param pad token that fills up
 * @throws RangeError for a sequence longer than the size, and for a position that the shape cannot hold
 */
export function positionTensors(
  sequences: readonly (readonly Position[])[],
  shape: PositionShape,
  size: SequenceSize,
  pad: number,
): Record<string, HostTensor> {
  const { slots } = shape
  const tensors: Record<string, HostTensor> = {}
  for (const [name, { shape: dimensions, dtype = 'float32' }] of Object.entries(positionSpecs(shape, size))) {
    const count = dimensions.reduce((product, side) => product * side, 1)
    tensors[name] =
      dtype === 'int32' ? int32(new Int32Array(count), dimensions) : float32(new Float32Array(count), dimensions)
  }
  tensors.tokens?.data.fill(pad)
  tensors.isText?.data.fill(1)
  const at = (name: string) => (tensors[name] as HostTensor).data
  /** The row of its place, of those of the cells and then those of the slots. */
  const put = (place: number, part: number, row: number) => {
    if (shape.places === 0) return
    at('places')[place * 2 + part] = row
    at('isPlaced')[place * 2 + part] = 1
  }
  for (const [row, positions] of sequences.entries()) {
    if (positions.length > size.length)
      throw new RangeError(`a sequence of ${positions.length} positions does not fit into ${size.length}`)
    for (const [column, position] of positions.entries()) {
      const place = row * size.length + column
      if (position.kind !== 'text') at('isText')[place] = 0
      const codes = position.kind === 'code' || position.kind === 'cell'
      if ((position.kind === 'features' && shape.features === 0) || (codes && slots === 0))
        throw new RangeError(`position ${column} is one of ${position.kind}, which this model does not read`)
      switch (position.kind) {
        case 'text':
          at('tokens')[place] = position.token
          break
        case 'code':
          at('codes')[place * slots] = position.code
          at('slotWeights')[place * slots] = 1
          put(place, 0, position.cell)
          put(place, 1, shape.places + position.slot)
          break
        case 'cell':
          at('codes').set(position.codes, place * slots)
          if (shape.weights) at('slotWeights').set(shape.weights, place * slots)
          else at('isJoined')[place] = 1
          put(place, 0, position.cell)
          break
        case 'features':
          at('features').set(position.features, place * shape.features)
          at('isFeatures')[place] = 1
          put(place, 0, position.cell)
      }
    }
  }
  return tensors
}
