import { createHash } from 'node:crypto'
import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What the build is made of, relative to the repository. */
const built = [
  'src-main',
  'src-renderer',
  'src-shared',
  'resources',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
]

/** A digest of the names, sizes and times of everything that the build is made of; tests are left out. */
export function sourcesDigest(root: string): string {
  const hash = createHash('sha256')
  for (const file of built.flatMap((path) => filesUnder(root, path)).sort()) {
    const { size, mtimeMs } = statSync(join(root, file))
    hash.update(`${file}\0${size}\0${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

function filesUnder(root: string, path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path]
  return readdirSync(join(root, path), { withFileTypes: true, recursive: true })
    .filter((entry: Dirent) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry: Dirent) => join(entry.parentPath, entry.name).slice(root.length + 1))
}
