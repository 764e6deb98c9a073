import type { DataConfig } from '../../src-shared/config.ts'
import type { PictureInfo } from './picture-set.ts'
import { createRandom } from './random.ts'
import { DataError } from './source.ts'

/** At most `limit` of the entries, chosen by a seeded order of their ids and given in the source's own. 0: all. */
export function limited<T extends { id: string }>(
  entries: readonly T[],
  { limit, splitSeed }: Pick<DataConfig, 'limit' | 'splitSeed'>,
): readonly T[] {
  if (limit === 0 || entries.length <= limit) return entries
  const ranked = entries.map((entry, at) => ({ at, rank: createRandom(splitSeed, 'limit', entry.id).uniform() }))
  const chosen = new Set(
    ranked
      .sort((a, b) => a.rank - b.rank || a.at - b.at)
      .slice(0, limit)
      .map(({ at }) => at),
  )
  return entries.filter((_, at) => chosen.has(at))
}

/**
 * A concept is held out or not by the hash of (seed, concept) alone, whatever else is in the set and in which order.
 * @returns indices into the pictures, ascending
 * @throws DataError if a side that should have pictures has none
 */
export function splitByConcept(
  pictures: readonly Pick<PictureInfo, 'concept'>[],
  { heldOut: share, splitSeed }: Pick<DataConfig, 'heldOut' | 'splitSeed'>,
): { training: number[]; heldOut: number[] } {
  const training: number[] = []
  const heldOut: number[] = []
  for (const [index, { concept }] of pictures.entries())
    (createRandom(splitSeed, 'split', concept).uniform() < share ? heldOut : training).push(index)
  if (training.length === 0 || (share > 0 && heldOut.length === 0))
    throw new DataError(
      `of ${pictures.length} pictures ${training.length} are for training and ${heldOut.length} held out, and neither may be empty; change data.heldOut (${share}), data.splitSeed (${splitSeed}), or give more pictures`,
    )
  return { training, heldOut }
}
