import { createHash } from 'node:crypto'
import type { DataConfig } from '../../../src-shared/config.ts'
import { decodePicture } from '../decode-picture.ts'
import { CacheWriter, readCache } from '../picture-cache.ts'
import { pictureOrder } from '../picture-order.ts'
import type { PictureInfo } from '../picture-set.ts'
import { sideBySide } from '../side-by-side.ts'
import { DataError, Refusals, reasonOf, type SourceListing, type Unreadable } from '../source.ts'
import { isHeldOut } from '../split.ts'

/**
 * A stream knows which of its pictures are held out only once it has read them, since the split goes by what a picture's
 * bytes are. So before the first step it looks at some of them, in an order of its own: until so many held-out ones are
 * found and so many have been looked at, but never at more than MOST_LOOKED. What is held out beyond these is left out
 * of training all the same, whenever it is drawn.
 */
export const HELD_OUT_MOST = 512
/** Training pictures that are decoded beside them, for contact sheets and the like. */
const SAMPLE = 256
const LEAST_LOOKED = 4096
const MOST_LOOKED = 20_480
/** Pictures that are read between two looks at what has been found. */
const BLOCK = 128

/** Changes when what the same settings give would change. */
const FORMAT = 1

/**
 * Makes sure that the cache holds the held-out pictures and the sample.
 * @param chosen numbers in the listing, ascending
 * @returns the key of the cache
 * @throws DataError if none of the pictures can be read
 */
export async function lookAtPictures(
  listing: SourceListing,
  chosen: Uint32Array,
  data: DataConfig,
  { cacheDir, onProgress }: { cacheDir: string; onProgress: (done: number, total: number, what: string) => void },
): Promise<string> {
  const { resolution, crop, limit, splitSeed, heldOut } = data
  const key = createHash('sha256')
    .update(JSON.stringify(['stream', FORMAT, listing.signature, resolution, crop, limit, splitSeed, heldOut]))
    .digest('hex')
    .slice(0, 32)
  if (readCache(cacheDir, key, resolution * resolution * 3) !== null) return key

  const refused = new Refusals()
  const { described, shown } = await look(listing, chosen, data, refused, (done, total) =>
    onProgress(done, total, 'looking at pictures'),
  )
  using writer = new CacheWriter(cacheDir, key)
  const pictures: PictureInfo[] = []
  let done = 0
  for (let begin = 0; begin < shown.length; begin += BLOCK) {
    const block = await sideBySide(
      shown.slice(begin, begin + BLOCK),
      async (at): Promise<{ info: PictureInfo; pixels: Uint8Array } | Unreadable> => {
        try {
          const { info, ...content } = await listing.read(at)
          return { info, pixels: await decodePicture(content, resolution, crop) }
        } catch (error) {
          return { file: listing.id(at), reason: reasonOf(error) }
        } finally {
          onProgress(++done, shown.length, 'preparing held-out pictures')
        }
      },
    )
    for (const picture of block)
      if ('pixels' in picture) {
        writer.append(picture.pixels)
        pictures.push(picture.info)
      } else refused.add(picture.file, picture.reason)
  }
  if (pictures.length === 0) {
    const first = refused.first[0] ?? listing.refused.first[0]
    throw new DataError(
      `none of the ${described.length + refused.count} pictures that were looked at could be read; the first: ${first?.file} (${first?.reason})`,
    )
  }
  const training = described.filter(({ concept }) => !isHeldOut(concept, data)).length
  writer.finish({
    pictures,
    unreadable: refused.first,
    unreadableCount: refused.count,
    looked: { described, training },
  })
  return key
}

/** Reads pictures undecoded. @returns what is known of them, and which are to be decoded, both in the listing's order */
async function look(
  listing: SourceListing,
  chosen: Uint32Array,
  data: DataConfig,
  refused: Refusals,
  onProgress: (done: number, total: number) => void,
): Promise<{ described: PictureInfo[]; shown: number[] }> {
  const { parts: _, ...unweighted } = listing
  const order = pictureOrder(unweighted, chosen, data.splitSeed)
  const seen: { at: number; info: PictureInfo }[] = []
  const shown: number[] = []
  let heldOut = 0
  let sample = 0
  const most = Math.min(chosen.length, MOST_LOOKED)
  for (let begin = 0; begin < most; begin += BLOCK) {
    const enough = (data.heldOut === 0 || heldOut >= HELD_OUT_MOST) && begin >= LEAST_LOOKED
    if (enough) break
    const numbers = Array.from({ length: Math.min(BLOCK, most - begin) }, (_, at) => order.at(begin + at).picture)
    const read = await sideBySide(numbers, async (at): Promise<{ at: number; info: PictureInfo } | Unreadable> => {
      try {
        return { at, info: (await listing.read(at)).info }
      } catch (error) {
        return { file: listing.id(at), reason: reasonOf(error) }
      }
    })
    for (const picture of read) {
      if ('reason' in picture) {
        refused.add(picture.file, picture.reason)
        continue
      }
      seen.push(picture)
      const out = isHeldOut(picture.info.concept, data)
      if (out ? heldOut++ < HELD_OUT_MOST : sample++ < SAMPLE) shown.push(picture.at)
    }
    onProgress(begin + numbers.length, most)
  }
  seen.sort((a, b) => a.at - b.at)
  return { described: seen.map(({ info }) => info), shown: shown.sort((a, b) => a - b) }
}
