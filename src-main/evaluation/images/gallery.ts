import { createHash } from 'node:crypto'
import { extname, resolve } from 'node:path'
import { decodePicture, decodeWhole } from '../../data/decode-picture.ts'
import { DataError, type Unreadable } from '../../data/source.ts'
import { LARGEST_PICTURE, readPlain } from '../../data/sources/files.ts'
import { listFolder } from '../../data/sources/folder.ts'
import { ON_WHITE, pathOf } from '../../data/sources/folder-files.ts'
import type { Raster } from '../resampling.ts'

/** Pictures that are measured or compared with, by number; read when they are wanted. */
export interface Gallery {
  /** What they are, in words. */
  words: string
  /** Cropping before anything else, in words; '' where they are taken at their own size. */
  crop: string
  /** Relative paths without their endings, sorted: what pairs go by. */
  names: readonly string[]
  /** Seen and refused while listing. */
  refused: readonly Unreadable[]
  /** @returns RGB @throws Error if it cannot be read */
  read(at: number): Promise<Raster<Uint8Array>>
  /** sha256 over the contents of all of them, in their order: whatever the files are called. */
  contentHash(): Promise<string>
}

/**
 * The pictures of a folder and its sub-folders.
 * @param side to which each is cropped and scaled; null: its own size
 * @throws DataError if there is no such folder, or no picture in it
 */
export async function openFolderGallery(path: string, side: number | null): Promise<Gallery> {
  const root = resolve(path)
  const listing = await listFolder(root)
  const files = Array.from({ length: listing.count }, (_, at) => listing.id(at))
  const names = files.map((file) => file.slice(0, file.length - extname(file).length))
  const seen = new Set<string>()
  const twice = names.find((name) => seen.size === seen.add(name).size)
  if (twice !== undefined)
    throw new DataError(`"${path}" holds two pictures named "${twice}" that differ in their endings; keep one of them`)
  const bytesOf = (at: number) => readPlain(pathOf(root, files[at] as string), LARGEST_PICTURE)
  return {
    words: `folder ${path}`,
    crop: side === null ? '' : `middle square scaled to ${side} × ${side} px (Lanczos)`,
    names,
    refused: listing.refused.first,
    async read(at) {
      const content = { ...ON_WHITE, bytes: await bytesOf(at) }
      if (side === null) return { ...(await decodeWhole(content)), channels: 3 }
      return { data: await decodePicture(content, side), width: side, height: side, channels: 3 }
    },
    async contentHash() {
      const all = createHash('sha256')
      for (const at of files.keys())
        all.update(
          createHash('sha256')
            .update(await bytesOf(at))
            .digest(),
        )
      return all.digest('hex')
    },
  }
}

/** Pictures at hand, all of one size. @param hash of their pixels */
export const pixelGallery = (
  words: string,
  names: readonly string[],
  side: number,
  hash: string,
  pixels: (at: number) => Uint8Array,
): Gallery => ({
  words,
  crop: '',
  names,
  refused: [],
  read: async (at) => ({ data: pixels(at), width: side, height: side, channels: 3 }),
  contentHash: async () => hash,
})
