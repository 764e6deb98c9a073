import type { PictureInfo } from './picture-set.ts'

/** What the bytes of a file may be, in the decoder's words, whatever its name says; anything else is refused undecoded. */
export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'heif' | 'tiff' | 'svg'

/** An undecoded file, or pixels as they are: U8 [height, width, channels]. */
export interface PictureContent {
  bytes: Uint8Array
  raw?: { width: number; height: number; channels: 1 | 3 }
  /** CSS hex colour behind transparent parts. */
  background: string
  /** What the bytes may be. */
  formats: readonly PictureFormat[]
}

/** A picture as it was read from its source. */
export interface SourcePicture extends PictureContent {
  info: PictureInfo
}

export interface Unreadable {
  file: string
  reason: string
}

/**
 * The pictures that a source offers, by number. Made for millions of them: a listing holds names and places in flat
 * arrays, and reads captions, classes and bytes when one picture is asked for.
 */
export interface SourceListing {
  count: number
  /** As PictureInfo.id. */
  id(at: number): string
  /** @throws if the picture cannot be read; it is then counted, listed and skipped */
  read(at: number): Promise<SourcePicture>
  /** What was seen and refused while listing. */
  refused: Refusals
  /** JSON that changes whenever any picture would. May look at every file. */
  identity(): Promise<unknown>
  /** JSON that changes whenever the list would, without a look at every file. */
  signature: unknown
  /**
   * First pictures of the blocks that are stored together, and then `count`: a block is read as a whole, so an order that
   * stays in a few of them at a time reads each once. Absent where any picture is read alone.
   */
  blocks?: Uint32Array
  /** The parts of a mixture, one after the other: pictures `from` to `to` (exclusive), drawn by weight; blocks from `from`. */
  parts?: readonly { from: number; to: number; weight: number; blocks?: Uint32Array }[]
  close(): Promise<void>
}

/** Refused entries that are kept by name; of all others only the number is. */
const NAMED = 200

/** What a source could not use: all counted, the first ones with their reason. */
export class Refusals {
  count = 0
  readonly first: Unreadable[] = []

  add(file: string, reason: string): void {
    this.count++
    if (this.first.length < NAMED) this.first.push({ file, reason })
  }

  /** Takes over what another listing refused. @param prefix of its names */
  addAll(other: Refusals, prefix = ''): void {
    for (const { file, reason } of other.first) this.add(prefix + file, reason)
    this.count += other.count - other.first.length
  }
}

/** The first line of what went wrong. */
export const reasonOf = (error: unknown): string => (error as Error).message.split('\n', 1)[0] as string

/** A data set that cannot be used as it is: what was looked for, and what to do. */
export class DataError extends Error {
  override name = 'DataError'
}
