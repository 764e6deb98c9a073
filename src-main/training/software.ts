import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import packageJson from '../../package.json' with { type: 'json' }

/** This software as provenance cards name it, with the commit that is checked out where it runs from a checkout. */
export function softwareWords(): string {
  const commit = checkedOutCommit(dirname(fileURLToPath(import.meta.url)))
  return `UniCode Workbench ${packageJson.version}${commit === null ? '' : `, commit ${commit.slice(0, 12)}`}`
}

/** The commit of the nearest git checkout above a folder that is this package; null where there is none. */
export function checkedOutCommit(start: string): string | null {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return commitOf(join(folder, '.git'))
    if (folder === dirname(folder)) return null
  }
}

/** HEAD of a repository, in its own files: a build machine need not have git. Anything unusual is no commit. */
function commitOf(entry: string): string | null {
  try {
    // In a worktree .git is a file that names the folder, whose commondir leads to the branches.
    const git = statSync(entry).isFile()
      ? resolve(
          dirname(entry),
          readFileSync(entry, 'utf8')
            .replace(/^gitdir:\s*/, '')
            .trim(),
        )
      : entry
    const head = readFileSync(join(git, 'HEAD'), 'utf8').trim()
    const branch = /^ref: (.+)$/.exec(head)?.[1]
    const commit = branch === undefined ? head : branchCommit(commonFolder(git), branch)
    return commit && /^[\da-f]{40,64}$/.test(commit) ? commit : null
  } catch {
    return null
  }
}

const commonFolder = (git: string): string => {
  const file = join(git, 'commondir')
  return existsSync(file) ? resolve(git, readFileSync(file, 'utf8').trim()) : git
}

function branchCommit(common: string, branch: string): string | undefined {
  const loose = join(common, branch)
  if (existsSync(loose)) return readFileSync(loose, 'utf8').trim()
  const packed = readFileSync(join(common, 'packed-refs'), 'utf8').split('\n')
  return packed.find((line) => line.endsWith(` ${branch}`))?.split(' ')[0]
}
