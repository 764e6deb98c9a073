import { createHash, randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import type { DataConfig } from '../../src-shared/config.ts'
import { listEmoji } from './emoji.ts'
import { listFolder } from './folder.ts'
import type { PictureInfo, PictureSet } from './picture-set.ts'
import { createRandom } from './random.ts'
import { DataError, type SourceEntry, type SourceListing } from './source.ts'

export interface OpenOptions {
  cacheDir: string
  /** Called while pictures are decoded for the first time. */
  onProgress?: (done: number, total: number, what: string) => void
}

/** Changes when the pixels that the same settings give would change. */
const FORMAT = 1
/** Pictures of more pixels than this are refused before they are decoded. */
const PIXEL_LIMIT = 64e6

interface Index {
  pictures: PictureInfo[]
  unreadable: { file: string; reason: string }[]
  checksum: string
}

/**
 * The pictures of a config: decoded, composited and cropped once, then read from the cache.
 * A cache that is torn or damaged is made anew; several processes may make the same one at a time.
 * @throws DataError if the source is missing, empty, or leaves one side of the split without pictures
 */
export async function openPictures(data: DataConfig, options: OpenOptions): Promise<PictureSet> {
  const listing = data.source.kind === 'emoji' ? listEmoji(data.source) : await listFolder(data.source.path)
  const entries = limited(listing.entries, data)
  const key = createHash('sha256')
    .update(
      JSON.stringify([FORMAT, listing.identity, data.resolution, data.limit, data.limit > 0 ? data.splitSeed : 0]),
    )
    .digest('hex')
    .slice(0, 32)
  const size = data.resolution * data.resolution * 3
  const cached =
    readCache(options.cacheDir, key, size) ?? (await buildCache(listing, entries, data.resolution, key, options))
  const { index, pixels } = cached
  const split = splitByConcept(index.pictures, data)
  return {
    resolution: data.resolution,
    count: index.pictures.length,
    pixels: (at) => pixels.subarray(at * size, (at + 1) * size),
    pictures: index.pictures,
    ...split,
    unreadable: [...listing.unreadable, ...index.unreadable],
    checksum: index.checksum,
  }
}

/** At most `limit` pictures, chosen by a seeded order and given in the source's own. */
function limited(entries: SourceEntry[], { limit, splitSeed }: DataConfig): SourceEntry[] {
  if (limit === 0 || entries.length <= limit) return entries
  const ranked = entries.map((entry, at) => ({
    entry,
    at,
    rank: createRandom(splitSeed, 'limit', entry.info.id).uniform(),
  }))
  return ranked
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .slice(0, limit)
    .sort((a, b) => a.at - b.at)
    .map(({ entry }) => entry)
}

/** A concept is held out or not by its own hash alone, whatever else is in the set. */
function splitByConcept(
  pictures: readonly PictureInfo[],
  { heldOut: share, splitSeed }: DataConfig,
): { training: number[]; heldOut: number[] } {
  const training: number[] = []
  const heldOut: number[] = []
  for (const [index, { concept }] of pictures.entries())
    (createRandom(splitSeed, 'split', concept).uniform() < share ? heldOut : training).push(index)
  if (training.length === 0 || (share > 0 && heldOut.length === 0))
    throw new DataError(
      `of ${pictures.length} pictures ${training.length} are for training and ${heldOut.length} held out, and neither may be empty; change data.heldOut (${share}), data.splitSeed, or give more pictures`,
    )
  return { training, heldOut }
}

const pixelFile = (cacheDir: string, key: string): string => join(cacheDir, `${key}.pixels`)
const indexFile = (cacheDir: string, key: string): string => join(cacheDir, `${key}.json`)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The cache if it is whole; null if it is absent, torn or damaged. */
function readCache(cacheDir: string, key: string, size: number): { index: Index; pixels: Uint8Array } | null {
  try {
    const index = JSON.parse(readFileSync(indexFile(cacheDir, key), 'utf8')) as Index
    const pixels = readFileSync(pixelFile(cacheDir, key))
    return pixels.length === index.pictures.length * size && sha256(pixels) === index.checksum
      ? { index, pixels }
      : null
  } catch {
    return null
  }
}

async function buildCache(
  { background, unreadable: refused }: SourceListing,
  entries: SourceEntry[],
  resolution: number,
  key: string,
  { cacheDir, onProgress }: OpenOptions,
): Promise<{ index: Index; pixels: Uint8Array }> {
  const size = resolution * resolution * 3
  const decoded: (Uint8Array | null)[] = new Array(entries.length).fill(null)
  const unreadable: Index['unreadable'] = []
  let next = 0
  let done = 0
  const worker = async () => {
    for (let at = next++; at < entries.length; at = next++) {
      const entry = entries[at] as SourceEntry
      try {
        decoded[at] = await readPicture(entry.path, resolution, background)
      } catch (error) {
        unreadable.push({ file: entry.info.id, reason: (error as Error).message.split('\n')[0] as string })
      }
      onProgress?.(++done, entries.length, 'preparing pictures')
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, worker))
  const kept = entries.filter((_, at) => decoded[at])
  if (kept.length === 0) {
    const all = [...refused, ...unreadable]
    throw new DataError(
      `none of ${entries.length} pictures could be read; the first: ${all[0]?.file ?? ''} (${all[0]?.reason ?? 'none was found'})`,
    )
  }
  const pixels = new Uint8Array(kept.length * size)
  let at = 0
  for (const picture of decoded) if (picture) pixels.set(picture, size * at++)
  unreadable.sort((a, b) => (a.file < b.file ? -1 : 1))
  const index: Index = { pictures: kept.map(({ info }) => info), unreadable, checksum: sha256(pixels) }
  mkdirSync(cacheDir, { recursive: true })
  replaceFile(pixelFile(cacheDir, key), pixels)
  replaceFile(indexFile(cacheDir, key), Buffer.from(JSON.stringify(index)))
  return { index, pixels }
}

/** RGB of one picture, [S, S, 3]: shorter side to S, centre crop, transparency on the background. */
async function readPicture(path: string, side: number, background: string): Promise<Uint8Array> {
  // A drawing of 72 units is rendered at no less than the wanted size.
  const density = path.endsWith('.svg') ? Math.max(72, Math.ceil((72 * side) / 72)) : 72
  const { data, info } = await sharp(path, { limitInputPixels: PIXEL_LIMIT, density, failOn: 'error' })
    .rotate()
    .resize(side, side, { fit: 'cover', kernel: 'lanczos3' })
    .flatten({ background })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  if (info.channels === 3) return data
  if (info.channels !== 1) throw new Error(`${info.channels} channels`)
  return Uint8Array.from({ length: data.length * 3 }, (_, at) => data[Math.floor(at / 3)] as number)
}

/** Written under a name of its own, forced to the disk, then renamed: readers see the old file or the whole new one. */
function replaceFile(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${process.pid}.${randomUUID()}`
  try {
    writeFileSync(temporary, bytes)
    const descriptor = openSync(temporary, 'r+')
    fsyncSync(descriptor)
    closeSync(descriptor)
    renameSync(temporary, path)
  } finally {
    rmSync(temporary, { force: true })
  }
}
