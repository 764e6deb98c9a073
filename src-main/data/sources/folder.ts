import { basename, extname } from 'node:path'
import { withArticle } from '../noun-phrase.ts'
import { DataError, reasonOf, type SourceListing, type SourcePicture } from '../source.ts'
import { LARGEST_PICTURE, readPlain, stampOfPath } from './files.ts'
import { ENDINGS, firstOf, isPicture, listFiles, ON_WHITE, pathOf } from './folder-files.ts'
import type { KeptListing } from './kept-listing.ts'
import { identitySha } from './picture-identity.ts'

/** Bytes of a caption file that are read; the rest of a huge file is never touched. */
const CAPTION_BYTES = 4096

/**
 * Any folder of pictures: sub-folders are classes, a .txt beside a picture is its caption.
 * @param path absolute
 * @param options.className what the name of a sub-folder says
 * @param options.kept where the list of a large folder is kept
 * @throws DataError if the folder is missing, is a file, cannot be read, or holds no picture
 */
export async function listFolder(
  path: string,
  options: { className?: (folder: string) => string; kept?: KeptListing | undefined } = {},
): Promise<SourceListing> {
  const { className = (folder: string) => folder, kept } = options
  const { files, refused, signature } = await listFiles(path, 'data.source.path', isPicture, kept)
  if (files.length === 0)
    throw new DataError(
      `no pictures in "${path}": looked for ${ENDINGS.join(', ')} in it and its sub-folders${firstOf(refused)}; put pictures there or set data.source.path to another folder`,
    )
  return {
    count: files.length,
    id: (at) => files.at(at),
    read: (at) => readPicture(path, files.at(at), className),
    refused,
    identity: async () => {
      const stamps: [string, string, string][] = []
      for (let at = 0; at < files.length; at++) {
        const file = files.at(at)
        const stamp = (name: string) => stampOfPath(pathOf(path, name))
        stamps.push([file, await stamp(file), await stamp(captionFile(file))])
      }
      return { path, files: stamps }
    },
    signature: { path, signature },
    close: async () => {},
  }
}

/**
 * LSUN as its export script writes it: a folder per category with pictures at any depth below it. The split that a
 * category's name ends in is no part of the class.
 */
export const listLsun = (path: string, kept?: KeptListing): Promise<SourceListing> =>
  listFolder(path, { kept, className: (folder) => folder.replace(/_lmdb$/, '').replace(/_(train|val|test)$/, '') })

const captionFile = (picture: string): string => `${picture.slice(0, -extname(picture).length)}.txt`

async function readPicture(
  root: string,
  file: string,
  classNameOf: (folder: string) => string,
): Promise<SourcePicture> {
  const bytes = await readPlain(pathOf(root, file), LARGEST_PICTURE)
  const caption = await readCaption(pathOf(root, captionFile(file)))
  const className = file.includes('/') ? classNameOf(file.slice(0, file.indexOf('/'))) : ''
  const label = (className || basename(file, extname(file))).replace(/[_\s]+/g, ' ').trim()
  return {
    bytes,
    ...ON_WHITE,
    info: {
      id: file,
      // Split by content: copies of one picture fall on the same side.
      concept: identitySha(bytes),
      label,
      caption: caption ?? `a picture of ${withArticle(label)}`,
      group: className,
      subgroup: className,
      tags: [],
      style: 'folder',
    },
  }
}

/** First line with words of the caption file; null if there is no such file or it is blank. */
async function readCaption(path: string): Promise<string | null> {
  let bytes: Uint8Array
  try {
    bytes = await readPlain(path, CAPTION_BYTES, 'cut')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Error(`its caption ${basename(path)}: ${reasonOf(error)}`, { cause: error })
  }
  const lines = new TextDecoder().decode(bytes, { stream: true }).split(/\r?\n/)
  return lines.map((line) => line.trim()).find((line) => line !== '') ?? null
}
