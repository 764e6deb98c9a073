import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BenchmarkError } from '../benchmark-error.ts'

/** The official files of a benchmark, as they were named to the program. */
export interface OfficialPaths {
  questions: readonly string[]
  annotations: readonly string[]
  /** Of ScienceQA: which of its splits; '' for “test”. */
  split: string
  /** Of TextVQA: the file of OCR tokens that its prompts carry; '' for prompts without. */
  ocr: string
}

/** What is missing, or what it is not. @param wanted "the file of questions (--questions)" */
export const needed = (benchmark: string, wanted: string): BenchmarkError =>
  new BenchmarkError(`${benchmark} is read from ${wanted}; name it`)

/** The one file that is needed. */
export function onlyPath(paths: readonly string[], benchmark: string, wanted: string): string {
  const [path, ...others] = paths
  if (path === undefined) throw needed(benchmark, wanted)
  if (others.length > 0)
    throw new BenchmarkError(`${benchmark} is read from one file, and ${paths.length} are named: ${paths.join(', ')}`)
  return path
}

/** Folders replaced by those of their files that have such a name, in the order of the names. */
export function withFolders(paths: readonly string[], name: RegExp): string[] {
  return paths.flatMap((path) => {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path]
    const found = readdirSync(path)
      .filter((file) => name.test(file))
      .sort()
    if (found.length === 0) throw new BenchmarkError(`"${path}" holds no file whose name is like ${name.source}`)
    return found.map((file) => join(path, file))
  })
}
