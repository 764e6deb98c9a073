import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Writes a file so that after a crash at any instant either the old or the new content is there, never a mixture:
 * temporary name in the same folder, fsync, rename, fsync of the folder.
 * @param content text, bytes, or bytes in parts
 * @throws Error naming the file, if the disk is full or the folder not writable
 */
export function writeFileAtomic(path: string, content: readonly Uint8Array[] | Uint8Array | string): void {
  const parts =
    typeof content === 'string' ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const file = openSync(temporary, 'w', 0o600)
    try {
      for (const bytes of parts)
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (cause) {
    rmSync(temporary, { force: true })
    const size = parts.reduce((sum, { length }) => sum + length, 0)
    throw new Error(`could not write ${path} (${size} bytes): ${(cause as Error).message}`, { cause })
  }
  syncFolder(dirname(path))
}

/** Makes renames and new files in a folder durable. Windows cannot open folders, and journals renames by itself. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

export const writeJsonAtomic = (path: string, value: unknown): void =>
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`)
