import type { PictureInfo } from './picture-set.ts'

/** What the bytes of a file may be, in the decoder's words, whatever its name says; anything else is refused undecoded. */
export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'heif' | 'tiff' | 'svg'

/** A picture that a source offers, before it has been read. */
export interface SourceEntry {
  /** As PictureInfo.id. */
  id: string
  /** The undecoded file and what is known of it. @throws if it cannot be read; the picture is then listed and skipped */
  read(): Promise<{ bytes: Uint8Array; info: PictureInfo }>
}

export interface Unreadable {
  file: string
  reason: string
}

export interface SourceListing {
  entries: SourceEntry[]
  /** What was seen and refused while listing. */
  unreadable: Unreadable[]
  /** CSS hex colour behind transparent pictures. */
  background: string
  formats: readonly PictureFormat[]
  /** JSON that changes whenever the pictures would. */
  identity: unknown
}

/** A data set that cannot be used as it is: what was looked for, and what to do. */
export class DataError extends Error {
  override name = 'DataError'
}
