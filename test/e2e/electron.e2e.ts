import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from './build.ts'
import { electronForTests } from './programs.ts'

const electron = await electronForTests()
if (electron.missing) console.log(`Not run: end to end in Electron (${electron.missing})`)

describe.skipIf(electron.missing)('the app in its desktop window', () => {
  let home: string
  let app: ElectronApplication
  let page: Page

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'workbench-electron-e2e-'))
    app = await _electron.launch({
      ...(electron.path ? { executablePath: electron.path } : {}),
      args: [root, '--home', home],
    })
    page = await app.firstWindow()
  })
  afterAll(async () => {
    await app?.close()
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  })

  it('shows the same shell as the browser, on its own protocol', async () => {
    await page.getByRole('navigation', { name: 'Views' }).waitFor()
    expect(page.url()).toMatch(/^app:\/\/workbench\//)
  })

  it('reaches the API through the MessagePort', async () => {
    await page.getByText('No jobs').waitFor()
  })

  it('keeps Node and Electron out of the page', async () => {
    expect(await page.evaluate(() => ['require', 'process', 'module'].filter((name) => name in globalThis))).toEqual([])
  })

  it('denies new windows and other addresses', async () => {
    const here = page.url()
    await page.evaluate(() => {
      open('https://example.invalid/')
      location.href = 'https://example.invalid/'
    })
    await page.getByRole('navigation', { name: 'Views' }).waitFor()
    expect(page.url()).toBe(here)
    expect(app.windows()).toHaveLength(1)
  })
})
