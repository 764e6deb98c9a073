import type { PictureSet } from '../../data/picture-set.ts'
import type { TrainedTokenizer } from '../trained-tokenizer.ts'

/** Code maps of pictures by their indices: per layer int32 [count · h · w], by the ids that people see. */
export type CodesOf = (indices: readonly number[]) => Promise<Int32Array[]>

/**
 * Code maps as a trained tokenizer makes them. Each picture goes through it once, when it is first wanted, and its codes
 * are kept.
 */
export function picturesCodes(
  { encode, sides }: Pick<TrainedTokenizer, 'encode' | 'sides'>,
  { pixels, resolution }: Pick<PictureSet, 'pixels' | 'resolution'>,
): CodesOf {
  const size = resolution * resolution * 3
  const known = new Map<number, Int32Array[]>()
  return async (indices) => {
    const missing = [...new Set(indices)].filter((index) => !known.has(index))
    if (missing.length > 0) {
      const bytes = new Uint8Array(missing.length * size)
      for (const [row, index] of missing.entries()) bytes.set(pixels(index), row * size)
      const maps = await encode(bytes, missing.length)
      for (const [row, index] of missing.entries())
        known.set(
          index,
          maps.map((map, layer) =>
            map.slice(row * (sides[layer] as number) ** 2, (row + 1) * (sides[layer] as number) ** 2),
          ),
        )
    }
    return sides.map((side, layer) => {
      const maps = new Int32Array(indices.length * side * side)
      for (const [row, index] of indices.entries()) maps.set(known.get(index)?.[layer] as Int32Array, row * side * side)
      return maps
    })
  }
}
