import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { DataConfig } from '../../src-shared/config.ts'
import type { PictureSource } from '../../src-shared/picture-source.ts'
import { decodePicture } from './decode-picture.ts'
import { listEmoji } from './emoji.ts'
import { listFolder } from './folder.ts'
import { CacheWriter, readCache } from './picture-cache.ts'
import type { PictureInfo, PictureSet } from './picture-set.ts'
import { DataError, type SourceEntry, type SourceListing, type Unreadable } from './source.ts'
import { limited, splitByConcept } from './split.ts'

export interface OpenOptions {
  /** Folder of decoded pictures; made if need be, and shared by any number of processes. */
  cacheDir: string
  /** Called while pictures are decoded for the first time. */
  onProgress?: (done: number, total: number, what: string) => void
}

/** Changes when the pixels or names that the same settings give would change. */
const FORMAT = 2
/** Pictures decoded before they are written: what a set takes of the memory while it is made. */
const BLOCK = 256

/**
 * The pictures of a config: decoded, composited and cropped once, then read from the cache.
 * A cache that is torn or damaged is made anew; several processes may make the same one at a time.
 * @throws DataError if the source is missing, empty, or leaves one side of the split without pictures
 */
export async function openPictures(data: DataConfig, options: OpenOptions): Promise<PictureSet> {
  const listing = await list(data.source)
  const entries = limited(listing.entries, data)
  const key = createHash('sha256')
    .update(JSON.stringify([FORMAT, listing.identity, data.resolution, data.limit, data.limit && data.splitSeed]))
    .digest('hex')
    .slice(0, 32)
  const size = data.resolution * data.resolution * 3
  let cached = readCache(options.cacheDir, key, size)
  if (cached === null) {
    await buildCache(listing, entries, data.resolution, key, options)
    cached = readCache(options.cacheDir, key, size)
  }
  if (cached === null)
    throw new DataError(
      `the pictures just written to "${options.cacheDir}" do not read back as written; check the disk, or choose another home folder`,
    )
  const { index, pixels } = cached
  return {
    resolution: data.resolution,
    count: index.pictures.length,
    pixels,
    pictures: index.pictures,
    ...splitByConcept(index.pictures, data),
    unreadable: [...listing.unreadable, ...index.unreadable],
    checksum: index.checksum,
  }
}

function list(source: PictureSource): Promise<SourceListing> | SourceListing {
  switch (source.kind) {
    case 'emoji':
      return listEmoji(source)
    case 'folder':
      return listFolder(source.path)
    default:
      throw new DataError(`pictures of the kind "${source.kind}" are not read; use "emoji" or "folder"`)
  }
}

async function buildCache(
  { background, formats, unreadable: refused }: SourceListing,
  entries: readonly SourceEntry[],
  resolution: number,
  key: string,
  { cacheDir, onProgress }: OpenOptions,
): Promise<void> {
  const pictures: PictureInfo[] = []
  const unreadable: Unreadable[] = []
  let done = 0
  const decode = async (entry: SourceEntry): Promise<{ info: PictureInfo; pixels: Uint8Array } | Unreadable> => {
    try {
      const { bytes, info } = await entry.read()
      return { info, pixels: await decodePicture(bytes, resolution, background, formats) }
    } catch (error) {
      return { file: entry.id, reason: (error as Error).message.split('\n', 1)[0] as string }
    } finally {
      onProgress?.(++done, entries.length, 'preparing pictures')
    }
  }
  using writer = new CacheWriter(cacheDir, key)
  for (let begin = 0; begin < entries.length; begin += BLOCK)
    for (const picture of await sideBySide(entries.slice(begin, begin + BLOCK), decode))
      if ('pixels' in picture) {
        writer.append(picture.pixels)
        pictures.push(picture.info)
      } else unreadable.push(picture)
  if (pictures.length === 0) {
    const first = unreadable[0] ?? refused[0]
    throw new DataError(
      `none of ${entries.length} pictures could be read; the first: ${first?.file} (${first?.reason})`,
    )
  }
  writer.finish(pictures, unreadable)
}

/** Results in the order of the items, with a few in work at a time. */
async function sideBySide<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T)
  }
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, worker))
  return results
}
