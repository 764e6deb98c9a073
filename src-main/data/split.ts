import type { DataConfig } from '../../src-shared/config.ts'
import type { PictureInfo } from './picture-set.ts'
import { createRandom } from './random.ts'
import { DataError, type SourceListing } from './source.ts'

/**
 * Numbers of at most `limit` of the pictures, chosen by a seeded order of their ids and given in the source's own. 0: all.
 */
export function limited(
  listing: Pick<SourceListing, 'count' | 'id'>,
  { limit, splitSeed }: Pick<DataConfig, 'limit' | 'splitSeed'>,
): Uint32Array {
  const all = Uint32Array.from({ length: listing.count }, (_, at) => at)
  if (limit === 0 || listing.count <= limit) return all
  const ranks = Float64Array.from(all, (at) => createRandom(splitSeed, 'limit', listing.id(at)).uniform())
  return all
    .sort((a, b) => (ranks[a] as number) - (ranks[b] as number) || a - b)
    .slice(0, limit)
    .sort()
}

/** Whether a concept is held out: by the hash of (seed, concept) alone, whatever else is in the set. */
export const isHeldOut = (
  concept: string,
  { heldOut, splitSeed }: Pick<DataConfig, 'heldOut' | 'splitSeed'>,
): boolean => createRandom(splitSeed, 'split', concept).uniform() < heldOut

/**
 * A concept is held out or not by the hash of (seed, concept) alone, whatever else is in the set and in which order.
 * @returns indices into the pictures, ascending
 * @throws DataError if a side that should have pictures has none
 */
export function splitByConcept(
  pictures: readonly Pick<PictureInfo, 'concept'>[],
  split: Pick<DataConfig, 'heldOut' | 'splitSeed'>,
): { training: number[]; heldOut: number[] } {
  const { heldOut: share, splitSeed } = split
  const training: number[] = []
  const heldOut: number[] = []
  for (const [index, { concept }] of pictures.entries()) (isHeldOut(concept, split) ? heldOut : training).push(index)
  if (training.length === 0 || (share > 0 && heldOut.length === 0))
    throw new DataError(
      `of ${pictures.length} pictures ${training.length} are for training and ${heldOut.length} held out, and neither may be empty; change data.heldOut (${share}), data.splitSeed (${splitSeed}), or give more pictures`,
    )
  return { training, heldOut }
}
