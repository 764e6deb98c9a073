import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import { decodePicture } from '../data/decode-picture.ts'
import { DataError, reasonOf, type Unreadable } from '../data/source.ts'
import { listFolder } from '../data/sources/folder.ts'
import { ON_WHITE } from '../data/sources/folder-files.ts'
import { UsageError } from './errors.ts'

/** Pictures named on the command line, brought to the size and background that a run was trained with. */
export interface ReadPictures {
  names: string[]
  /** U8 [P, S, S, 3] */
  pixels: Uint8Array
  unreadable: Unreadable[]
}

/**
 * @param paths files, or folders that are searched with their sub-folders
 * @throws UsageError if a path does not exist or a folder holds no picture
 * @throws Error if none of the pictures can be read
 */
export async function readPictures(paths: readonly string[], { data }: ExperimentConfig): Promise<ReadPictures> {
  const background = data.source.kind === 'emoji' ? data.source.background : ON_WHITE.background
  const places = await Promise.all(paths.map(picturesAt))
  const found = places.flatMap(({ pictures }) => pictures)
  const names: string[] = []
  const unreadable = places.flatMap(({ unreadable }) => unreadable)
  const decoded: Uint8Array[] = []
  for (const { name, bytes } of found) {
    try {
      decoded.push(await decodePicture({ ...ON_WHITE, bytes: await bytes(), background }, data.resolution, data.crop))
      names.push(name)
    } catch (error) {
      unreadable.push({ file: name, reason: reasonOf(error) })
    }
  }
  if (decoded.length === 0)
    throw new Error(`none of ${found.length} pictures can be read; ${unreadable[0]?.file}: ${unreadable[0]?.reason}`)
  return { names, unreadable, pixels: new Uint8Array(Buffer.concat(decoded)) }
}

interface Place {
  pictures: { name: string; bytes(): Promise<Uint8Array> }[]
  unreadable: Unreadable[]
}

async function picturesAt(path: string): Promise<Place> {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) throw new UsageError(`there is no file or folder "${path}"`)
  if (!stat.isDirectory()) return { pictures: [{ name: basename(path), bytes: () => readFile(path) }], unreadable: [] }
  try {
    const { count, id, read, refused } = await listFolder(resolve(path))
    const pictures = Array.from({ length: count }, (_, at) => ({
      name: id(at),
      bytes: async () => (await read(at)).bytes,
    }))
    return { pictures, unreadable: [...refused.first] }
  } catch (error) {
    throw error instanceof DataError ? new UsageError(error.message, { cause: error }) : error
  }
}

/** File names for results, one per picture and none twice: "class/red apple.jpg" becomes "class-red apple.png". */
export function pngNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    const stem = name.slice(0, name.length - extname(name).length).replaceAll(/[\\/:]/g, '-')
    for (let count = 1; ; count++) {
      const file = `${stem}${count === 1 ? '' : `-${count}`}.png`
      if (taken.has(file)) continue
      taken.add(file)
      return file
    }
  })
}
