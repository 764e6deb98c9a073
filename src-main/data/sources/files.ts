import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, stat } from 'node:fs/promises'
import { DataError, reasonOf } from '../source.ts'

/** Pictures of more bytes than this are refused unread. */
export const LARGEST_PICTURE = 256 * 2 ** 20

/** Opens a plain file. A symbolic link, a pipe or a device put in its place is refused, and never waited for. */
async function openPlain(path: string): Promise<{ file: FileHandle; size: number }> {
  let file: FileHandle
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP')
      throw new Error('a symbolic link, which is not followed', { cause: error })
    throw error
  }
  const found = await file.stat()
  if (found.isFile()) return { file, size: found.size }
  await file.close()
  throw new Error('not a plain file')
}

/** Reads a plain file. @param beyond what becomes of a file of more than `limit` bytes */
export async function readPlain(
  path: string,
  limit: number,
  beyond: 'refuse' | 'cut' = 'refuse',
): Promise<Uint8Array<ArrayBuffer>> {
  const { file, size } = await openPlain(path)
  try {
    if (size > limit && beyond === 'refuse')
      throw new Error(`${Math.ceil(size / 2 ** 20)} MiB; pictures of at most ${limit / 2 ** 20} MiB are read`)
    const buffer = new Uint8Array(Math.min(size, limit))
    return buffer.subarray(0, await fill(file, buffer, 0))
  } finally {
    await file.close()
  }
}

/** Fills the buffer from a place of a file on. @returns bytes read; fewer than wanted where the file ends */
async function fill(file: FileHandle, buffer: Uint8Array, from: number): Promise<number> {
  let filled = 0
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, from + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

/** A large file of which parts are read where they lie. */
export class RangeFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Changes when the file does. */
  readonly stamp: string
  readonly #file: FileHandle

  private constructor(path: string, found: Stats, file: FileHandle) {
    this.path = path
    this.size = found.size
    this.stamp = stampOf(found)
    this.#file = file
  }

  /** @throws DataError if there is no such file or it cannot be read. @param setting that names it */
  static async open(path: string, setting: string): Promise<RangeFile> {
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => error)
    if (found instanceof Error)
      throw new DataError(
        isMissing(found)
          ? `there is no file "${path}"; set ${setting} to one`
          : `"${path}" cannot be opened (${reasonOf(found)}); set ${setting} to a file that can`,
      )
    if (!found.isFile()) throw new DataError(`"${path}" is not a file; ${setting} wants one`)
    try {
      return new RangeFile(path, found, await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)))
    } catch (error) {
      throw new DataError(`"${path}" cannot be opened (${reasonOf(error)}); set ${setting} to a file that can`)
    }
  }

  /** @throws DataError if the file ends before that */
  async read(from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (!(from >= 0 && length >= 0 && from + length <= this.size))
      throw this.error(`bytes ${from} to ${from + length} are wanted of ${this.size}: it is truncated, or damaged`)
    const buffer = new Uint8Array(length)
    if ((await fill(this.#file, buffer, from)) < length) throw this.error('has become shorter while it was read')
    return buffer
  }

  /** At most `length` bytes: what there is. */
  async readUpTo(from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.read(from, Math.max(0, Math.min(length, this.size - from)))
  }

  /** An error about this file. */
  error(problem: string, options?: ErrorOptions): DataError {
    return new DataError(`"${this.path}" ${problem}`, options)
  }

  close = (): Promise<void> => this.#file.close()
}

export const isMissing = (error: NodeJS.ErrnoException): boolean => error.code === 'ENOENT' || error.code === 'ENOTDIR'

/** Changes when the file does. */
export const stampOf = ({ size, mtimeMs }: Stats): string => `${size} ${mtimeMs}`
/** The same of a path; '' if there is none. */
export const stampOfPath = async (path: string): Promise<string> =>
  lstat(path).then(stampOf, (error: NodeJS.ErrnoException) => {
    if (isMissing(error)) return ''
    throw error
  })
