import { DataError, Refusals, type SourceListing } from '../source.ts'
import { LARGEST_PICTURE, RangeFile, readPlain, stampOfPath } from './files.ts'
import { isPicture, listFiles, ON_WHITE, pathOf } from './folder-files.ts'
import { Growing } from './growing.ts'
import type { KeptListing } from './kept-listing.ts'
import type { FolderFiles } from './names.ts'
import { captioned } from './picture-identity.ts'

/**
 * A file of captions whose pictures lie in a folder. The folder is listed first, and a caption may name what was found
 * there and nothing else: no name, whatever it holds, leads out of the folder.
 */
export interface CaptionedFolder {
  captions: RangeFile
  folder: FolderFiles
  refused: Refusals
  /** Adds a picture of the folder. @param from and `length`: the bytes of the caption file that tell its caption */
  add(picture: number, from: number, length: number): void
  /** Number of the picture that a name means; −1 if there is none */
  find(name: string): number
  count(): number
  /** @param captionOf the caption that these bytes tell */
  listing(captionOf: (bytes: Uint8Array) => string): SourceListing
}

/** @throws DataError if the file or the folder cannot be read */
export async function openCaptionedFolder(
  path: string,
  pictures: string,
  kept?: KeptListing,
): Promise<CaptionedFolder> {
  const folder = await listFiles(pictures, 'data.source.pictures', isPicture, kept)
  const captions = await RangeFile.open(path, 'data.source.path')
  const refused = new Refusals()
  refused.addAll(folder.refused)
  const picture = Growing.counts()
  const places = Growing.places()
  const lengths = Growing.counts()
  return {
    captions,
    folder,
    refused,
    add(number, from, length) {
      picture.add(number)
      places.add(from)
      lengths.add(length)
    },
    find: (name) => folder.files.indexOf(name.replaceAll('\\', '/').replace(/^(\.\/)+/, '')),
    count: () => picture.length,
    listing(captionOf) {
      if (picture.length === 0)
        throw new DataError(
          `"${path}" names no picture of "${pictures}": ${folder.files.length} pictures are there, ${refused.count} records were left out${refused.first[0] ? `, the first: ${refused.first[0].file} (${refused.first[0].reason})` : ''}; set data.source.pictures to the folder that the names in the file begin in`,
        )
      const [numbers, from, length] = [picture.done(), places.done(), lengths.done()]
      const id = (at: number): string => folder.files.at(numbers[at] as number)
      return {
        count: numbers.length,
        id,
        async read(at) {
          const [bytes, words] = await Promise.all([
            readPlain(pathOf(pictures, id(at)), LARGEST_PICTURE),
            captions.read(from[at] as number, length[at] as number),
          ])
          return { bytes, ...ON_WHITE, info: captioned(id(at), bytes, captionOf(words)) }
        },
        refused,
        identity: async () => {
          const stamps: string[] = []
          for (let at = 0; at < numbers.length; at++) stamps.push(await stampOfPath(pathOf(pictures, id(at))))
          return { path, pictures, captions: captions.stamp, names: folder.signature, stamps }
        },
        signature: { path, pictures, captions: captions.stamp, names: folder.signature },
        close: captions.close,
      }
    },
  }
}
