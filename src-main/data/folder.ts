import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, sep } from 'node:path'
import { DataError, type SourceEntry, type SourceListing } from './source.ts'

/** Any folder of pictures: sub-folders are classes, a .txt beside a picture is its caption. */
const ENDINGS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif', '.tif', '.tiff']
/** Characters of a caption file that are read; the rest of a huge file is never touched. */
const CAPTION_BYTES = 4096

/**
 * @throws DataError if the folder is missing, is a file, or holds no picture
 */
export async function listFolder(path: string): Promise<SourceListing> {
  const found = await stat(path).catch(() => null)
  if (!found) throw new DataError(`there is no folder "${path}"; set data.source.path to a folder of pictures`)
  if (!found.isDirectory())
    throw new DataError(`"${path}" is a file; data.source.path wants the folder that holds the pictures`)
  const files: string[] = []
  const unreadable: SourceListing['unreadable'] = []
  await walk(path, path, files, unreadable)
  files.sort()
  if (files.length === 0)
    throw new DataError(
      `no pictures in "${path}": looked for ${ENDINGS.join(', ')} in it and its sub-folders${unreadable.length ? `; ${unreadable.length} entries were left out, the first: ${unreadable[0]?.file} (${unreadable[0]?.reason})` : ''}`,
    )
  const entries: SourceEntry[] = []
  const stamps: [string, number, number][] = []
  for (const file of files) {
    const { size, mtimeMs } = await stat(join(path, file))
    stamps.push([file, size, mtimeMs])
    entries.push(await entryOf(path, file))
  }
  return { entries, unreadable, background: '#ffffff', identity: { path, stamps } }
}

async function walk(
  root: string,
  folder: string,
  files: string[],
  unreadable: SourceListing['unreadable'],
): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries) {
    const full = join(folder, entry.name)
    const inside = relative(root, full)
    if (entry.isSymbolicLink()) unreadable.push({ file: inside, reason: 'a symbolic link, which is not followed' })
    else if (entry.isDirectory()) await walk(root, full, files, unreadable)
    else if (entry.isFile() && ENDINGS.includes(extname(entry.name).toLowerCase())) files.push(inside)
  }
}

async function entryOf(root: string, file: string): Promise<SourceEntry> {
  const path = join(root, file)
  const label = dirname(file) === '.' ? '' : (dirname(file).split(sep)[0] as string)
  const caption = await readCaption(path)
  return {
    path,
    info: {
      id: file.split(sep).join('/'),
      // Split by content: copies of one picture fall on the same side.
      concept: await contentHash(path),
      label: label || basename(file, extname(file)),
      caption: caption ?? (label ? `a picture of ${label}` : ''),
      group: label,
      subgroup: label,
      tags: [],
      style: 'folder',
    },
  }
}

async function contentHash(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** First line of the .txt beside a picture; null if there is none. */
async function readCaption(picture: string): Promise<string | null> {
  let file: FileHandle
  try {
    file = await open(`${picture.slice(0, -extname(picture).length)}.txt`, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CAPTION_BYTES), 0, CAPTION_BYTES, 0)
    return buffer.toString('utf8', 0, bytesRead).split(/\r?\n/)[0]?.trim() || null
  } finally {
    await file.close()
  }
}
