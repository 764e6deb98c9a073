import type { PictureSource } from '../../../src-shared/picture-source.ts'
import type { SourceListing } from '../source.ts'
import { listCc3m } from './cc3m.ts'
import { listCoco } from './coco.ts'
import { listEmoji } from './emoji.ts'
import { listFolder, listLsun } from './folder.ts'
import { listIdx } from './idx.ts'
import { keptListings } from './kept-listing.ts'
import { listLlava } from './llava.ts'
import { listMixture } from './mixture.ts'
import { listWebDataset } from './webdataset.ts'

/**
 * Everything that a source offers, by number; nothing is decoded.
 * @param cacheDir where lists of large folders are kept
 * @throws DataError if the source is missing, damaged or empty
 */
export async function listSource(source: PictureSource, cacheDir?: string): Promise<SourceListing> {
  const kept = cacheDir === undefined ? undefined : keptListings(cacheDir)
  switch (source.kind) {
    case 'emoji':
      return listEmoji(source)
    case 'folder':
      return listFolder(source.path, { kept })
    case 'lsun':
      return listLsun(source.path, kept)
    case 'llava':
      return listLlava(source.path, source.pictures, kept)
    case 'coco':
      return listCoco(source.path, source.pictures, kept)
    case 'cc3m':
      return listCc3m(source.path, source.pictures, kept)
    case 'parquet':
      // Loaded where it is wanted: its decompressors compile code at every start.
      return (await import('./parquet/parquet.ts')).listParquet(source.path)
    case 'webdataset':
      return listWebDataset(source.path)
    case 'idx':
      return listIdx(source.path, source.labels)
    case 'mixture':
      return listMixture(source.parts, (part) => listSource(part, cacheDir))
  }
}
