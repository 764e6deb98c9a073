import { createHash } from 'node:crypto'
import type { DataConfig } from '../../src-shared/config.ts'
import { cachedBatches } from './cached-batches.ts'
import { decodePicture } from './decode-picture.ts'
import { CacheWriter, readCache } from './picture-cache.ts'
import type { OpenOptions, PictureInfo, PictureSet } from './picture-set.ts'
import { sideBySide } from './side-by-side.ts'
import { DataError, Refusals, reasonOf, type SourceListing, type Unreadable } from './source.ts'
import { listSource } from './sources/list-source.ts'
import { limited, splitByConcept } from './split.ts'
import { openStream } from './stream/open-stream.ts'

/** Changes when the pixels or names that the same settings give would change. */
const FORMAT = 2
/** Pictures decoded before they are written: what a set takes of the memory while it is made. */
const BLOCK = 256
/** The index of a cache is held in memory, with the names and captions of all its pictures. */
const MOST_CACHED = 300_000

/**
 * The pictures of a config: decoded, composited and cropped once, then read from the cache.
 * A cache that is torn or damaged is made anew; several processes may make the same one at a time.
 * @throws DataError if the source is missing, empty, or leaves one side of the split without pictures
 */
export async function openPictures(data: DataConfig, options: OpenOptions): Promise<PictureSet> {
  if (data.reading === 'stream') return openStream(data, options)
  const listing = await listSource(data.source)
  try {
    return await openCached(listing, data, options)
  } finally {
    await listing.close()
  }
}

async function openCached(listing: SourceListing, data: DataConfig, options: OpenOptions): Promise<PictureSet> {
  const chosen = limited(listing, data)
  const settings = [FORMAT, await listing.identity(), data.resolution, data.limit, data.limit && data.splitSeed]
  const key = createHash('sha256')
    .update(JSON.stringify(data.crop === 'cover' ? settings : [...settings, data.crop]))
    .digest('hex')
    .slice(0, 32)
  const size = data.resolution * data.resolution * 3
  let cached = readCache(options.cacheDir, key, size)
  if (cached === null) {
    await buildCache(listing, chosen, data, key, options)
    cached = readCache(options.cacheDir, key, size)
  }
  if (cached === null)
    throw new DataError(
      `the pictures just written to "${options.cacheDir}" do not read back as written; check the disk, or choose another home folder`,
    )
  const { index, pixels } = cached
  const unreadable = new Refusals()
  unreadable.addAll(listing.refused)
  for (const { file, reason } of index.unreadable) unreadable.add(file, reason)
  unreadable.count += (index.unreadableCount ?? index.unreadable.length) - index.unreadable.length
  const split = splitByConcept(index.pictures, data)
  const set = { resolution: data.resolution, pixels, pictures: index.pictures, ...split }
  return {
    ...set,
    count: index.pictures.length,
    unreadable: unreadable.first,
    unreadableCount: unreadable.count,
    checksum: index.checksum,
    offered: listing.count,
    trainingCount: split.training.length,
    epoch: split.training.length,
    batch: cachedBatches(set, data),
    close: async () => {},
  }
}

async function buildCache(
  listing: SourceListing,
  chosen: Uint32Array,
  data: DataConfig,
  key: string,
  { cacheDir, onProgress }: OpenOptions,
): Promise<void> {
  if (chosen.length > MOST_CACHED)
    throw new DataError(
      `${chosen.length} pictures are more than the ${MOST_CACHED} that are decoded into a cache; set data.reading to "stream", or data.limit`,
    )
  const pictures: PictureInfo[] = []
  const unreadable = new Refusals()
  let done = 0
  const decode = async (at: number): Promise<{ info: PictureInfo; pixels: Uint8Array } | Unreadable> => {
    try {
      const { info, ...content } = await listing.read(at)
      return { info, pixels: await decodePicture(content, data.resolution, data.crop) }
    } catch (error) {
      return { file: listing.id(at), reason: reasonOf(error) }
    } finally {
      onProgress?.(++done, chosen.length, 'preparing pictures')
    }
  }
  using writer = new CacheWriter(cacheDir, key)
  for (let begin = 0; begin < chosen.length; begin += BLOCK)
    for (const picture of await sideBySide([...chosen.subarray(begin, begin + BLOCK)], decode))
      if ('pixels' in picture) {
        writer.append(picture.pixels)
        pictures.push(picture.info)
      } else unreadable.add(picture.file, picture.reason)
  if (pictures.length === 0) {
    const first = unreadable.first[0] ?? listing.refused.first[0]
    throw new DataError(`none of ${chosen.length} pictures could be read; the first: ${first?.file} (${first?.reason})`)
  }
  writer.finish({ pictures, unreadable: unreadable.first, unreadableCount: unreadable.count })
}
