import type { PictureSet } from '../../data/picture-set.ts'
import { mirror } from '../../data/training-draw.ts'
import type { TrainedTokenizer } from '../trained-tokenizer.ts'

/**
 * Code maps of pictures by their indices: per layer int32 [count · h · w], by the ids that people see.
 * @param mirrored which of them are turned left to right first; none unless given
 */
export type CodesOf = (indices: readonly number[], mirrored?: readonly boolean[]) => Promise<Int32Array[]>

/**
 * Code maps as a trained tokenizer makes them. Each picture goes through it once, and once mirrored, when it is first
 * wanted, and its codes are kept.
 */
export function picturesCodes(
  { encode, sides }: Pick<TrainedTokenizer, 'encode' | 'sides'>,
  { pixels, resolution }: Pick<PictureSet, 'pixels' | 'resolution'>,
): CodesOf {
  const size = resolution * resolution * 3
  /** By twice the index, and one more for the mirrored picture. */
  const known = new Map<number, Int32Array[]>()
  return async (indices, mirrored = []) => {
    const wanted = indices.map((index, row) => 2 * index + Number(mirrored[row] ?? false))
    const missing = [...new Set(wanted)].filter((key) => !known.has(key))
    if (missing.length > 0) {
      const bytes = new Uint8Array(missing.length * size)
      for (const [row, key] of missing.entries()) {
        const picture = bytes.subarray(row * size, (row + 1) * size)
        picture.set(pixels(key >> 1))
        if (key % 2 === 1) mirror(picture, resolution)
      }
      const maps = await encode(bytes, missing.length)
      for (const [row, key] of missing.entries())
        known.set(
          key,
          maps.map((map, layer) =>
            map.slice(row * (sides[layer] as number) ** 2, (row + 1) * (sides[layer] as number) ** 2),
          ),
        )
    }
    return sides.map((side, layer) => {
      const maps = new Int32Array(indices.length * side * side)
      for (const [row, key] of wanted.entries()) maps.set(known.get(key)?.[layer] as Int32Array, row * side * side)
      return maps
    })
  }
}
