import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from './find-chromium.ts'

let folder: string
const program = (name: string, mode: number): string => {
  const path = join(folder, name)
  writeFileSync(path, '')
  chmodSync(path, mode)
  return path
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chromium-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the search for a Chromium', () => {
  it('takes CHROMIUM_PATH, and nothing else if that cannot be run', () => {
    const own = program('my-browser', 0o755)
    program('chromium', 0o755)
    expect(findChromium({ CHROMIUM_PATH: own, PATH: folder }, 'linux')).toBe(own)
    expect(findChromium({ CHROMIUM_PATH: join(folder, 'gone'), PATH: folder }, 'linux')).toBeNull()
  })

  it('goes along the PATH and passes over what cannot be run', () => {
    const found = program('google-chrome', 0o755)
    program('chromium', 0o644)
    expect(findChromium({ PATH: ['/nonexistent', folder].join(delimiter) }, 'linux')).toBe(found)
    expect(findChromium({ PATH: '/nonexistent' }, 'linux')).toBeNull()
  })
})
