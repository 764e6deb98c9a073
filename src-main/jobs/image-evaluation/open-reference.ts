import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { openPictures } from '../../data/open-pictures.ts'
import { type Gallery, openFolderGallery, pixelGallery } from '../../evaluation/images/gallery.ts'
import type { Reference } from '../../evaluation/images/reference-features.ts'
import { sourceWords } from '../../training/stage-one/provenance.ts'
import { readRunConfig } from '../run-directory.ts'

export type Split = 'training' | 'held-out'

export interface OpenedReference {
  reference: Reference
  close(): Promise<void>
}

const stays = async () => {}

/** Folder of pictures, .npz file of statistics, or directory of a run, whose pictures it then is. */
export type ReferencePlace = { folder: string } | { statistics: string } | { run: string; split: Split }

/**
 * @param side to which a folder's pictures are brought; a run's have the run's own
 * @throws DataError, Error saying what cannot be read
 */
export async function openReference(
  place: ReferencePlace,
  side: number | null,
  cacheDir: string,
): Promise<OpenedReference> {
  if ('folder' in place)
    return { reference: { kind: 'pictures', gallery: await openFolderGallery(place.folder, side) }, close: stays }
  if ('statistics' in place) {
    const bytes = readFileSync(place.statistics)
    return { reference: { kind: 'statistics', path: place.statistics, bytes }, close: stays }
  }
  return openRunPictures(place.run, place.split, cacheDir)
}

async function openRunPictures(directory: string, split: Split, cacheDir: string): Promise<OpenedReference> {
  const { data } = readRunConfig(directory)
  const pictures = await openPictures(data, { cacheDir })
  const chosen = split === 'training' ? pictures.training : pictures.heldOut
  const names = chosen.map((index) => {
    const { id } = pictures.pictures[index] as (typeof pictures.pictures)[0]
    return id.slice(0, id.length - extname(id).length)
  })
  const hash = createHash('sha256').update(pictures.checksum).update(JSON.stringify(chosen)).digest('hex')
  const words = `${split} pictures of run ${basename(directory)} (${sourceWords(data.source)}, ${data.resolution} × ${data.resolution} px, crop "${data.crop}")`
  const gallery: Gallery = pixelGallery(words, names, data.resolution, hash, (at) =>
    pictures.pixels(chosen[at] as number),
  )
  return { reference: { kind: 'pictures', gallery }, close: () => pictures.close() }
}

/** Whether a path is a file of statistics. */
export const isStatistics = (path: string): boolean =>
  path.endsWith('.npz') && Boolean(statSync(path, { throwIfNoEntry: false })?.isFile())
