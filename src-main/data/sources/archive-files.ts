import { stat } from 'node:fs/promises'
import { DataError, Refusals } from '../source.ts'
import { RangeFile } from './files.ts'
import { listFiles, pathOf } from './folder-files.ts'

/** The files that a path names: itself, or all of some ending in a folder, by name. */
export interface ArchiveFiles {
  files: RangeFile[]
  /** Names of the files inside the folder; '' for a single file. */
  names: string[]
  refused: Refusals
  close(): Promise<void>
}

/** Files that are open at a time. */
const MOST_FILES = 4096

/** @throws DataError if there is no such file or folder, or the folder has no file of the ending */
export async function openArchives(path: string, ending: string): Promise<ArchiveFiles> {
  const found = await stat(path).catch(() => null)
  const refused = new Refusals()
  let names = ['']
  if (found?.isDirectory()) {
    const folder = await listFiles(path, 'data.source.path', (name) => name.toLowerCase().endsWith(ending))
    refused.addAll(folder.refused)
    names = Array.from({ length: folder.files.length }, (_, at) => folder.files.at(at))
    if (names.length === 0)
      throw new DataError(
        `no ${ending} file in "${path}" and its sub-folders; set data.source.path to one, or to another folder`,
      )
    if (names.length > MOST_FILES)
      throw new DataError(`"${path}" holds ${names.length} ${ending} files; at most ${MOST_FILES} are read`)
  }
  const files: RangeFile[] = []
  const close = async () => {
    for (const file of files) await file.close()
  }
  try {
    for (const name of names)
      files.push(await RangeFile.open(name === '' ? path : pathOf(path, name), 'data.source.path'))
  } catch (error) {
    await close()
    throw error
  }
  return { files, names, refused, close }
}
