import type { PictureSource } from '../../../src-shared/picture-source.ts'
import type { SourceListing } from '../source.ts'
import { listCc3m } from './cc3m.ts'
import { listCoco } from './coco.ts'
import { listEmoji } from './emoji.ts'
import { listFolder, listLsun } from './folder.ts'
import { listIdx } from './idx.ts'
import { listLlava } from './llava.ts'
import { listMixture } from './mixture.ts'
import { listParquet } from './parquet/parquet.ts'
import { listWebDataset } from './webdataset.ts'

/**
 * Everything that a source offers, by number; nothing is decoded.
 * @throws DataError if the source is missing, damaged or empty
 */
export async function listSource(source: PictureSource): Promise<SourceListing> {
  switch (source.kind) {
    case 'emoji':
      return listEmoji(source)
    case 'folder':
      return listFolder(source.path)
    case 'lsun':
      return listLsun(source.path)
    case 'llava':
      return listLlava(source.path, source.pictures)
    case 'coco':
      return listCoco(source.path, source.pictures)
    case 'cc3m':
      return listCc3m(source.path, source.pictures)
    case 'parquet':
      return listParquet(source.path)
    case 'webdataset':
      return listWebDataset(source.path)
    case 'idx':
      return listIdx(source.path, source.labels)
    case 'mixture':
      return listMixture(source.parts, listSource)
  }
}
