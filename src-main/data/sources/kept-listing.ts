import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Refusals } from '../source.ts'
import { type FolderFiles, Names } from './names.ts'

/** Path of a folder inside the listed one, and the time at which something last came to it or went. */
export type FolderStamp = [path: string, mtimeMs: number]

/**
 * Lists of large folders, kept in the cache: listing a million files takes seconds, looking whether their thousand
 * folders are as they were takes none. A file that is written over in its place leaves its folder as it was, and the list
 * says nothing but names.
 */
export interface KeptListing {
  /** The list, if nothing has come to any of its folders or gone since; else null. */
  read(path: string): Promise<FolderFiles | null>
  write(
    path: string,
    listing: FolderFiles,
    flat: { bytes: Buffer; ends: Uint32Array<ArrayBuffer> },
    folders: readonly FolderStamp[],
    listedAt: number,
  ): void
}

/** Smaller folders are listed in no time. */
const LEAST = 20_000
/** Looking at more folders would take as long as listing. */
const MOST_FOLDERS = 100_000
/** A folder that changed so short a time before might change again within the resolution of its clock. */
const SETTLED_MS = 2000
const FORMAT = 1

const headSchema = z.object({
  format: z.literal(FORMAT),
  path: z.string(),
  count: z.int().min(0),
  signature: z.string(),
  folders: z.array(z.tuple([z.string(), z.number()])),
  refused: z.object({ count: z.int(), first: z.array(z.object({ file: z.string(), reason: z.string() })) }),
})

/** @param cacheDir made if need be */
export function keptListings(cacheDir: string): KeptListing {
  const fileOf = (path: string): string =>
    join(cacheDir, `listing-${createHash('sha256').update(path).digest('hex').slice(0, 32)}.names`)
  return {
    async read(path) {
      const bytes = await readFile(fileOf(path)).catch(() => null)
      if (bytes === null) return null
      const end = bytes.indexOf(10)
      const head = headSchema.safeParse(parsed(bytes.toString('utf8', 0, Math.max(0, end))))
      if (!head.success || head.data.path !== path) return null
      const { count, signature, folders, refused } = head.data
      const body = bytes.subarray(end + 1)
      if (body.length < count * 4) return null
      const ends = new Uint32Array(count)
      new Uint8Array(ends.buffer).set(body.subarray(0, count * 4))
      const names = Buffer.from(body.subarray(count * 4))
      // The signature is the check sum of the list.
      if (createHash('sha256').update(names).update(new Uint8Array(ends.buffer)).digest('hex') !== signature)
        return null
      for (const [folder, mtimeMs] of folders) {
        const found = await stat(join(path, folder)).catch(() => null)
        if (found?.mtimeMs !== mtimeMs) return null
      }
      const left = new Refusals()
      for (const { file, reason } of refused.first) left.add(file, reason)
      left.count = refused.count
      return { files: Names.of(names, ends), refused: left, signature }
    },
    write(path, { files, refused, signature }, { bytes, ends }, folders, listedAt) {
      if (files.length < LEAST || folders.length > MOST_FOLDERS) return
      if (folders.some(([, mtimeMs]) => mtimeMs > listedAt - SETTLED_MS)) return
      const { count, first } = refused
      const head = { format: FORMAT, path, count: files.length, signature, folders, refused: { count, first } }
      mkdirSync(cacheDir, { recursive: true })
      const temporary = `${fileOf(path)}.${process.pid}.${randomUUID()}.part`
      try {
        const body = [Buffer.from(`${JSON.stringify(head)}\n`), new Uint8Array(ends.buffer), bytes]
        writeFileSync(temporary, Buffer.concat(body), { flag: 'wx' })
        renameSync(temporary, fileOf(path))
      } finally {
        rmSync(temporary, { force: true })
      }
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
