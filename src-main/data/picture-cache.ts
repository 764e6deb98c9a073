import { createHash, randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { PictureInfo } from './picture-set.ts'
import type { Unreadable } from './source.ts'

/**
 * Decoded pictures on disk: `<key>.pixels`, U8 [P, S, S, 3] and nothing else, and `<key>.json`, which says what they
 * are and what the checksum of the pixels is. Pixels are read as they are wanted, so that a set may be larger than the
 * memory and processes that train on one set share its pages.
 */
export interface CachedPictures {
  index: PictureIndex
  /** U8 [S, S, 3] */
  pixels(at: number): Uint8Array
}

export interface PictureIndex {
  pictures: PictureInfo[]
  /** The first ones, and how many there are. */
  unreadable: Unreadable[]
  unreadableCount?: number
  /** What a stream has looked at beyond these pictures. */
  looked?: { described: PictureInfo[]; training: number }
  /** sha256 of the pixel file. */
  checksum: string
}

const BLOCK = 4 * 2 ** 20
const ABANDONED_MS = 3_600_000

const pixelFile = (cacheDir: string, key: string): string => join(cacheDir, `${key}.pixels`)
const indexFile = (cacheDir: string, key: string): string => join(cacheDir, `${key}.json`)
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Closes the pixel file once nobody can read from it any more. */
const descriptors = new FinalizationRegistry<number>((descriptor) => closeSync(descriptor))
/** Pixel files whose checksum this process has found right, by their place on the disk, size and time. */
const verified = new Set<string>()

/**
 * The cache of a key if it is whole; null if it is absent, torn or damaged.
 * @param size bytes of one picture
 */
export function readCache(cacheDir: string, key: string, size: number): CachedPictures | null {
  const index = readIndex(indexFile(cacheDir, key))
  if (index === null) return null
  const path = pixelFile(cacheDir, key)
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  if (fstatSync(descriptor).size !== index.pictures.length * size || !isIntact(descriptor, index.checksum)) {
    closeSync(descriptor)
    return null
  }
  const pixels = (at: number): Uint8Array => {
    if (!Number.isInteger(at) || at < 0 || at >= index.pictures.length)
      throw new RangeError(`there is no picture ${at}; the set has ${index.pictures.length}`)
    const buffer = new Uint8Array(size)
    const read = readSync(descriptor, buffer, 0, size, at * size)
    if (read !== size)
      throw new Error(`"${path}" has ended at picture ${at}: it was changed while in use; start again to rebuild it`)
    return buffer
  }
  descriptors.register(pixels, descriptor)
  return { index, pixels }
}

/** The index if it is what was written; null if it is absent or damaged. */
function readIndex(path: string): PictureIndex | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  // Two lines: the checksum of the second, and the index.
  const end = text.indexOf('\n')
  const body = text.slice(end + 1)
  return end > 0 && sha256(body) === text.slice(0, end) ? (JSON.parse(body) as PictureIndex) : null
}

function isIntact(descriptor: number, checksum: string): boolean {
  const { dev, ino, size, mtimeMs, ctimeMs } = fstatSync(descriptor)
  const stamp = [dev, ino, size, mtimeMs, ctimeMs, checksum].join(' ')
  if (verified.has(stamp)) return true
  const hash = createHash('sha256')
  const block = new Uint8Array(BLOCK)
  for (let at = 0; at < size; ) {
    const read = readSync(descriptor, block, 0, BLOCK, at)
    if (read === 0) return false
    hash.update(block.subarray(0, read))
    at += read
  }
  if (hash.digest('hex') !== checksum) return false
  verified.add(stamp)
  return true
}

/** A cache being written, under a name of its own until it is whole; several processes may write the same key. */
export class CacheWriter {
  readonly #cacheDir: string
  readonly #key: string
  readonly #temporary: string
  readonly #descriptor: number
  readonly #hash = createHash('sha256')

  constructor(cacheDir: string, key: string) {
    mkdirSync(cacheDir, { recursive: true })
    removeAbandoned(cacheDir, key)
    this.#cacheDir = cacheDir
    this.#key = key
    this.#temporary = temporaryName(pixelFile(cacheDir, key))
    this.#descriptor = openSync(this.#temporary, 'wx')
  }

  /** Adds the next picture. */
  append(pixels: Uint8Array): void {
    this.#hash.update(pixels)
    writeWhole(this.#descriptor, pixels)
  }

  /** Forces everything to the disk and puts it in place: readers see the old cache or the whole new one. */
  finish(contents: Omit<PictureIndex, 'checksum'>): void {
    fsyncSync(this.#descriptor)
    renameSync(this.#temporary, pixelFile(this.#cacheDir, this.#key))
    const index: PictureIndex = { ...contents, checksum: this.#hash.digest('hex') }
    const body = JSON.stringify(index)
    const path = indexFile(this.#cacheDir, this.#key)
    const temporary = temporaryName(path)
    try {
      writeFileSync(temporary, `${sha256(body)}\n${body}`, { flag: 'wx', flush: true })
      renameSync(temporary, path)
    } finally {
      rmSync(temporary, { force: true })
    }
  }

  /** Ends the writing; what was not finished leaves nothing behind. */
  [Symbol.dispose](): void {
    closeSync(this.#descriptor)
    rmSync(this.#temporary, { force: true })
  }
}

const temporaryName = (path: string): string => `${path}.${process.pid}.${randomUUID()}.part`

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written)
}

/** Removes what processes that were killed while writing this key have left. */
function removeAbandoned(cacheDir: string, key: string): void {
  for (const name of readdirSync(cacheDir)) {
    if (!name.startsWith(`${key}.`) || !name.endsWith('.part')) continue
    const path = join(cacheDir, name)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found && Date.now() - found.mtimeMs > ABANDONED_MS) rmSync(path, { force: true })
  }
}
