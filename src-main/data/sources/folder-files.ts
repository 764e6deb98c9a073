import { createHash } from 'node:crypto'
import { opendir, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { DataError, type PictureFormat, Refusals, reasonOf } from '../source.ts'
import { isMissing } from './files.ts'
import type { FolderStamp, KeptListing } from './kept-listing.ts'
import { type FolderFiles, Names } from './names.ts'

/** Endings of files that may be pictures. */
export const ENDINGS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif', '.tif', '.tiff']
/** No SVG: it is a program for a renderer, and folders come from anywhere. */
const FORMATS: readonly PictureFormat[] = ['jpeg', 'png', 'webp', 'gif', 'heif', 'tiff']
/** How pictures of a folder or an archive are decoded. */
export const ON_WHITE = { background: '#ffffff', formats: FORMATS } as const

/** Entries of a folder that are fetched at a time. */
const FETCHED = 1024

export const isPicture = (file: string): boolean => ENDINGS.includes(extname(file).toLowerCase())

/**
 * Lists the files of a folder that are wanted. Symbolic links are not followed, and listed among what was refused.
 * @param path absolute
 * @param setting that names the folder
 * @param kept where the list of a large folder is kept for the next time
 * @throws DataError if the folder is missing, is a file, or cannot be read
 */
export async function listFiles(
  path: string,
  setting: string,
  wanted: (name: string) => boolean,
  kept?: KeptListing,
): Promise<FolderFiles> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error)
    throw new DataError(
      isMissing(found)
        ? `there is no folder "${path}"; set ${setting} to a folder of pictures`
        : `the folder "${path}" cannot be opened (${found.message}); set ${setting} to one that can`,
    )
  if (!found.isDirectory())
    throw new DataError(`"${path}" is a file; ${setting} wants the folder that holds the pictures`)
  const known = await kept?.read(path)
  if (known) return known
  const listedAt = Date.now()
  const folders: FolderStamp[] = []
  const files = new Names()
  const links: { file: string; reason: string }[] = []
  const visit = async (folder: string): Promise<void> => {
    const deeper: string[] = []
    if (kept) folders.push([folder, (await stat(join(path, folder))).mtimeMs])
    for await (const entry of await opendir(join(path, folder), { bufferSize: FETCHED })) {
      const inside = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isFile()) {
        if (wanted(entry.name)) files.add(inside)
      } else if (entry.isDirectory()) deeper.push(inside)
      else if (entry.isSymbolicLink() && (wanted(entry.name) || extname(entry.name) === ''))
        links.push({ file: inside, reason: 'a symbolic link, which is not followed' })
    }
    for (const inside of deeper)
      try {
        await visit(inside)
      } catch (error) {
        links.push({ file: inside, reason: reasonOf(error) })
      }
  }
  try {
    await visit('')
  } catch (error) {
    throw new DataError(`the folder "${path}" cannot be read (${reasonOf(error)}); grant access to it`)
  }
  files.sort()
  const refused = new Refusals()
  for (const { file, reason } of links.sort((a, b) => (a.file < b.file ? -1 : 1))) refused.add(file, reason)
  const flat = files.flat()
  // The list itself is what the signature is of; the spread copy is let go.
  const signature = createHash('sha256').update(flat.bytes).update(new Uint8Array(flat.ends.buffer)).digest('hex')
  const listing = { files: Names.of(flat.bytes, flat.ends), refused, signature }
  kept?.write(path, listing, flat, folders, listedAt)
  return listing
}

/** The path on this system of a file that was listed. */
export const pathOf = (root: string, file: string): string => join(root, ...(sep === '/' ? [file] : file.split('/')))

/** What was refused first, as the end of a sentence. */
export const firstOf = ({ count, first }: Refusals): string =>
  count === 0 ? '' : `; ${count} entries were left out, the first: ${first[0]?.file} (${first[0]?.reason})`
