import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { checkedOutCommit, softwareWords } from './software.ts'

const [A, B] = ['a'.repeat(40), 'b'.repeat(40)]

/** A checkout with these files in .git; code lies two folders below. */
function checkout(files: Record<string, string>): string {
  const root = temporaryFolder()
  writeFileSync(join(root, 'package.json'), '{}')
  mkdirSync(join(root, 'out', 'main'), { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, '.git', name, '..'), { recursive: true })
    writeFileSync(join(root, '.git', name), text)
  }
  return join(root, 'out', 'main')
}

it('finds the commit of a branch, loose or packed, and of a detached head', () => {
  expect(checkedOutCommit(checkout({ HEAD: 'ref: refs/heads/main\n', 'refs/heads/main': `${A}\n` }))).toBe(A)
  expect(
    checkedOutCommit(checkout({ HEAD: 'ref: refs/heads/main\n', 'packed-refs': `# x\n${B} refs/heads/main\n` })),
  ).toBe(B)
  expect(checkedOutCommit(checkout({ HEAD: `${A}\n` }))).toBe(A)
})

it('finds the commit of a worktree', () => {
  const main = join(
    checkout({
      'refs/heads/side': B,
      'worktrees/side/HEAD': 'ref: refs/heads/side',
      'worktrees/side/commondir': '../..',
    }),
    '..',
    '..',
  )
  const tree = temporaryFolder()
  writeFileSync(join(tree, 'package.json'), '{}')
  writeFileSync(join(tree, '.git'), `gitdir: ${join(main, '.git', 'worktrees', 'side')}\n`)
  expect(checkedOutCommit(tree)).toBe(B)
})

it('names no commit where there is no checkout, or a damaged one', () => {
  for (const files of [{}, { HEAD: 'garbage' }, { HEAD: 'ref: refs/heads/gone' }])
    expect(checkedOutCommit(checkout(files))).toBeNull()
  expect(softwareWords()).toMatch(/^UniCode Workbench \d+\.\d+\.\d+(, commit [\da-f]{12})?$/)
})
