import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ensureBuilt } from './build.ts'

let root: string
let builds: number

const put = (path: string, content: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}
const build = async () => {
  builds++
  for (const output of ['main/index.js', 'main/browser.js', 'preload/preload.cjs', 'renderer/index.html'])
    put(`out/${output}`, 'built')
}
const ensure = () => ensureBuilt(root, () => undefined, build)

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'workbench-build-'))
  builds = 0
  for (const folder of ['src-main', 'src-renderer', 'src-shared', 'resources']) put(`${folder}/deep/a.ts`, folder)
  for (const file of ['electron.vite.config.ts', 'package.json', 'package-lock.json']) put(file, '')
})
afterEach(() => rmSync(root, { recursive: true }))

it('builds the first time, and not again while nothing changes', async () => {
  expect((await ensure()).built).toBe(true)
  expect((await ensure()).built).toBe(false)
  expect(builds).toBe(1)
})

it.each(['src-main/deep/a.ts', 'src-shared/deep/new.ts', 'package-lock.json'])(
  'builds again when %s changes',
  async (path) => {
    await ensure()
    put(path, 'other words')
    expect((await ensure()).built).toBe(true)
  },
)

it('builds again when a file of the same size is newer, or one is gone', async () => {
  await ensure()
  utimesSync(join(root, 'src-main/deep/a.ts'), 1, 1)
  expect((await ensure()).built).toBe(true)
  rmSync(join(root, 'src-renderer/deep/a.ts'))
  expect((await ensure()).built).toBe(true)
})

it('does not build again for a test', async () => {
  await ensure()
  put('src-main/deep/a.test.ts', 'it')
  expect((await ensure()).built).toBe(false)
})

it('builds again when a part of the build is gone', async () => {
  await ensure()
  rmSync(join(root, 'out/preload/preload.cjs'))
  expect((await ensure()).built).toBe(true)
})

it('does not take a failed build for a whole one', async () => {
  await ensure()
  put('src-main/deep/a.ts', 'broken words')
  const failing = ensureBuilt(
    root,
    () => undefined,
    async () => Promise.reject(new Error('the build failed')),
  )
  await expect(failing).rejects.toThrow('the build failed')
  put('src-main/deep/a.ts', 'src-main')
  expect((await ensure()).built).toBe(true)
  expect(readFileSync(join(root, 'out/sources.sha256'), 'utf8')).toMatch(/^[0-9a-f]{64}$/)
})
