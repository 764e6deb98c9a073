import { PAINTING_REQUESTS } from '../../../../src-shared/events.ts'
import { decodeSafetensors, SafetensorsError } from '../../../../src-shared/safetensors.ts'
import { rgba } from '../../../pictures/paint.ts'

/** Pictures that a run painted at one step. */
export interface Paintings {
  step: number
  side: number
  /** What each was asked for, '' for nothing; and its pixels as RGBA. */
  pictures: { request: string; pixels: Uint8ClampedArray<ArrayBuffer> }[]
}

/**
 * Reads a painting file (events.ts, PaintingLayout).
 * @throws SafetensorsError for one of another layout
 */
export function decodePaintings(step: number, bytes: Uint8Array): Paintings {
  const { tensors, metadata } = decodeSafetensors(bytes)
  const painting = tensors.painting
  if (!(painting?.data instanceof Uint8Array) || painting.shape.length !== 4)
    throw new SafetensorsError(`painting file: no pictures in it; it holds ${Object.keys(tensors).join(', ')}`)
  const [count, side] = painting.shape as [number, number]
  const requests = JSON.parse(metadata[PAINTING_REQUESTS] ?? '[]') as string[]
  const size = side * side * 3
  const { data } = painting
  return {
    step,
    side,
    pictures: Array.from({ length: count }, (_, at) => ({
      request: requests[at] ?? '',
      pixels: rgba(data.subarray(at * size, (at + 1) * size)),
    })),
  }
}
