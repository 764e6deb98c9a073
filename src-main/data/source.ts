import type { PictureInfo } from './picture-set.ts'

/** A picture that a source offers, before it has been read. */
export interface SourceEntry {
  path: string
  info: PictureInfo
}

export interface SourceListing {
  entries: SourceEntry[]
  /** What was seen and refused while listing. */
  unreadable: { file: string; reason: string }[]
  /** CSS hex colour behind transparent pictures. */
  background: string
  /** JSON that changes whenever the pictures would. */
  identity: unknown
}

/** A data set that cannot be used as it is: what was looked for, and what to do. */
export class DataError extends Error {
  override name = 'DataError'
}
