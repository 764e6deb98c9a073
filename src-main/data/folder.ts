import { createHash } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, sep } from 'node:path'
import { withArticle } from './noun-phrase.ts'
import type { PictureInfo } from './picture-set.ts'
import { DataError, type PictureFormat, type SourceEntry, type SourceListing, type Unreadable } from './source.ts'

/** Any folder of pictures: sub-folders are classes, a .txt beside a picture is its caption. */
const ENDINGS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif', '.tif', '.tiff']
/** No SVG: it is a program for a renderer, and folders come from anywhere. */
export const FORMATS: readonly PictureFormat[] = ['jpeg', 'png', 'webp', 'gif', 'heif', 'tiff']
const LARGEST_FILE = 256 * 2 ** 20
/** Bytes of a caption file that are read; the rest of a huge file is never touched. */
const CAPTION_BYTES = 4096

/**
 * @param path absolute
 * @throws DataError if the folder is missing, is a file, cannot be read, or holds no picture
 */
export async function listFolder(path: string): Promise<SourceListing> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error)
    throw new DataError(
      found.code === 'ENOENT' || found.code === 'ENOTDIR'
        ? `there is no folder "${path}"; set data.source.path to a folder of pictures`
        : `the folder "${path}" cannot be opened (${found.message}); set data.source.path to one that can`,
    )
  if (!found.isDirectory())
    throw new DataError(`"${path}" is a file; data.source.path wants the folder that holds the pictures`)
  const { files, unreadable } = await walk(path)
  if (files.size === 0)
    throw new DataError(
      `no pictures in "${path}": looked for ${ENDINGS.join(', ')} in it and its sub-folders${firstOf(unreadable)}; put pictures there or set data.source.path to another folder`,
    )
  const names = [...files.keys()].filter(isPicture).sort()
  return {
    entries: names.map((file) => entryOf(path, file)),
    unreadable,
    background: '#ffffff',
    formats: FORMATS,
    identity: { path, files: names.map((file) => [file, files.get(file), files.get(captionFile(file)) ?? '']) },
  }
}

const firstOf = (unreadable: Unreadable[]): string =>
  unreadable.length === 0
    ? ''
    : `; ${unreadable.length} entries were left out, the first: ${unreadable[0]?.file} (${unreadable[0]?.reason})`

const isPicture = (file: string): boolean => ENDINGS.includes(extname(file).toLowerCase())
const captionFile = (picture: string): string => `${picture.slice(0, -extname(picture).length)}.txt`
const stampOf = ({ size, mtimeMs }: Stats): string => `${size} ${mtimeMs}`
const reasonOf = (error: unknown): string => (error as Error).message.split('\n', 1)[0] as string

/** Size and time of every picture and caption by its path inside the folder. Symbolic links are not followed. */
async function walk(root: string): Promise<{ files: Map<string, string>; unreadable: Unreadable[] }> {
  const files = new Map<string, string>()
  const captions = new Map<string, string>()
  const unreadable: Unreadable[] = []
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const full = join(folder, entry.name)
      const inside = relative(root, full)
      try {
        if (entry.isSymbolicLink()) {
          if (isPicture(entry.name) || extname(entry.name) === '')
            unreadable.push({ file: inside, reason: 'a symbolic link, which is not followed' })
        } else if (entry.isDirectory()) await visit(full)
        else if (!entry.isFile()) continue
        else if (isPicture(entry.name)) files.set(inside, stampOf(await lstat(full)))
        else if (extname(entry.name) === '.txt') captions.set(inside, stampOf(await lstat(full)))
      } catch (error) {
        unreadable.push({ file: inside, reason: reasonOf(error) })
      }
    }
  }
  try {
    await visit(root)
  } catch (error) {
    throw new DataError(`the folder "${root}" cannot be read (${reasonOf(error)}); grant access to it`)
  }
  unreadable.sort((a, b) => (a.file < b.file ? -1 : 1))
  if (files.size > 0) for (const [file, stamp] of captions) files.set(file, stamp)
  return { files, unreadable }
}

function entryOf(root: string, file: string): SourceEntry {
  const folder = dirname(file)
  const className = folder === '.' ? '' : (folder.split(sep)[0] as string)
  const label = (className || basename(file, extname(file))).replace(/[_\s]+/g, ' ').trim()
  const id = file.split(sep).join('/')
  const read = async (): Promise<{ bytes: Uint8Array; info: PictureInfo }> => {
    const bytes = await readGuarded(join(root, file), LARGEST_FILE)
    const caption = await readCaption(join(root, captionFile(file)))
    // Split by content: copies of one picture fall on the same side.
    const concept = createHash('sha256').update(bytes).digest('hex')
    const info = {
      id,
      concept,
      label,
      caption: caption ?? `a picture of ${withArticle(label)}`,
      group: className,
      subgroup: className,
      tags: [],
      style: 'folder',
    }
    return { bytes, info }
  }
  return { id, read }
}

/** First line with words of the caption file; null if there is no such file or it is blank. */
async function readCaption(path: string): Promise<string | null> {
  let bytes: Uint8Array
  try {
    bytes = await readGuarded(path, CAPTION_BYTES, 'cut')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Error(`its caption ${basename(path)}: ${reasonOf(error)}`, { cause: error })
  }
  const lines = new TextDecoder().decode(bytes, { stream: true }).split(/\r?\n/)
  return lines.map((line) => line.trim()).find((line) => line !== '') ?? null
}

/** Reads a plain file. A symbolic link, a pipe or a device put in its place is refused, and never waited for. */
async function readGuarded(path: string, limit: number, beyond: 'refuse' | 'cut' = 'refuse'): Promise<Uint8Array> {
  let file: FileHandle
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP')
      throw new Error('a symbolic link, which is not followed', { cause: error })
    throw error
  }
  try {
    const { size } = await file.stat().then((found) => {
      if (!found.isFile()) throw new Error('not a plain file')
      return found
    })
    if (size > limit && beyond === 'refuse')
      throw new Error(`${Math.ceil(size / 2 ** 20)} MiB; pictures of at most ${limit / 2 ** 20} MiB are read`)
    const buffer = new Uint8Array(Math.min(size, limit))
    let filled = 0
    while (filled < buffer.length) {
      const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  } finally {
    await file.close()
  }
}
