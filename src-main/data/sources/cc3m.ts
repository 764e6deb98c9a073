import { extname } from 'node:path'
import { reasonOf, type SourceListing } from '../source.ts'
import { type CaptionedFolder, openCaptionedFolder } from './captioned-folder.ts'
import { ENDINGS } from './folder-files.ts'
import type { KeptListing } from './kept-listing.ts'

const CHUNK = 1 << 20
/** Bytes of one line. */
const LARGEST_LINE = 64 << 10
const [LINE_FEED, TAB] = [10, 9]

/**
 * Lines of caption, tab, file name or URL (Conceptual Captions' Train_GCC-training.tsv), and the folder that the pictures
 * were fetched into. A URL's picture is the file of its last part's name, or one named after the line's number from 0 in
 * one of the usual ways: GCC_train_000000012.jpg, 000000012.jpg, 12.jpg.
 * @throws DataError if no line names a picture of the folder
 */
export async function listCc3m(path: string, pictures: string, kept?: KeptListing): Promise<SourceListing> {
  const folder = await openCaptionedFolder(path, pictures, kept)
  const { captions, refused } = folder
  /** Adds the line that lies at `from`. */
  const take = (line: Uint8Array, from: number, number: number): void => {
    if (line.length === 0 || (line.length === 1 && line[0] === 13)) return
    try {
      const tab = line.indexOf(TAB)
      if (tab < 0) throw new Error('has no tab between a caption and a picture')
      const name =
        Buffer.from(line.subarray(tab + 1))
          .toString('utf8')
          .split('\t', 1)[0]
          ?.trim() ?? ''
      if (tab === 0 || name === '') throw new Error(tab === 0 ? 'has no caption' : 'names no picture')
      const picture = find(folder, name, number)
      if (picture < 0) throw new Error(`its picture "${name.slice(0, 200)}" is not in the folder`)
      folder.add(picture, from, tab)
    } catch (error) {
      refused.add(`line ${number + 1}`, reasonOf(error))
    }
  }
  try {
    let number = 0
    let rest: Uint8Array = new Uint8Array(0)
    for (let from = 0; from < captions.size; from += CHUNK) {
      const chunk = await captions.readUpTo(from, CHUNK)
      const begin = from - rest.length
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let at = 0
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, at)) {
        take(bytes.subarray(at, end), begin + at, number++)
        at = end + 1
      }
      rest = bytes.slice(at)
      if (rest.length > LARGEST_LINE)
        throw captions.error(
          `has a line of more than ${LARGEST_LINE / 1024} KiB (line ${number + 1}): it is no list of captions`,
        )
    }
    take(rest, captions.size - rest.length, number)
    return folder.listing((bytes) => Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    await captions.close()
    throw error
  }
}

/** @param number of the line, from 0 @returns −1 if the folder has no such picture */
function find(folder: CaptionedFolder, name: string, number: number): number {
  const url = /^https?:\/\//i.test(name)
  const last = url ? ((name.split(/[?#]/, 1)[0] as string).split('/').at(-1) as string) : name
  let found = folder.find(url ? decoded(last) : name)
  if (found >= 0 || !url) return found
  const nine = String(number).padStart(9, '0')
  const endings = [...new Set([extname(last).toLowerCase(), ...ENDINGS])].filter((ending) => ENDINGS.includes(ending))
  for (const ending of endings)
    for (const stem of [`GCC_train_${nine}`, nine, String(number)]) {
      found = folder.find(stem + ending)
      if (found >= 0) return found
    }
  return -1
}

/** "a%20b" → "a b"; as it stands if that is no such text. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
