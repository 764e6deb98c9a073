import type { FileHandle } from 'node:fs/promises'

/** Weights begin at pages of a file, so that a runtime can map them into memory. */
const PAGE = 4096
/** Writes may not be longer than this: Node's end at 2 GiB. */
const PIECE = 2 ** 26

/** The first page that begins at `end` or after it, bytes. */
export const nextPage = (end: number): number => Math.ceil(end / PAGE) * PAGE

/** Writes all of it, in as many pieces as it takes. @param offset bytes from the beginning of the file */
export async function writeAt(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(PIECE, bytes.length - done), offset + done)
    done += bytesWritten
  }
}
