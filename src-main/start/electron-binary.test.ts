import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fetchElectron, installedElectron } from './electron-binary.ts'

let root: string
let folder: string
const limits = { firstByteMs: 400, stalledMs: 400, everyMs: 20 }

/** Puts an installer in the place of Electron's own. */
const installer = (code: string) =>
  writeFileSync(
    join(folder, 'install.js'),
    `const { mkdirSync, writeFileSync, appendFileSync } = require('node:fs')
     const { tmpdir } = require('node:os')
     const { join } = require('node:path')
     const finish = () => {
       mkdirSync(join(__dirname, 'dist'), { recursive: true })
       writeFileSync(join(__dirname, 'dist', 'electron'), 'program')
       writeFileSync(join(__dirname, 'path.txt'), 'electron')
     }
     ${code}`,
  )

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'workbench-fetch-'))
  folder = join(root, 'node_modules', 'electron')
  mkdirSync(folder, { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true }))

it('fetches with the installer and tells how many bytes have arrived', async () => {
  installer(`
    let left = 5
    const timer = setInterval(() => {
      appendFileSync(join(tmpdir(), 'electron.zip'), 'x'.repeat(1000))
      if (--left === 0) { clearInterval(timer); finish() }
    }, 100)`)
  expect(installedElectron(root, {})).toBeNull()
  const told: number[] = []
  expect(await fetchElectron(root, (bytes) => told.push(bytes), limits)).toBe(join(folder, 'dist', 'electron'))
  expect(installedElectron(root, {})).toBe(join(folder, 'dist', 'electron'))
  expect(told.length).toBeGreaterThan(1)
  expect(told).toEqual([...told].sort((a, b) => a - b))
})

it('gives up within the limit when not a byte arrives, and ends the installer', async () => {
  installer(`writeFileSync(join(__dirname, 'pid'), String(process.pid)); setInterval(() => {}, 1000)`)
  const begin = Date.now()
  await expect(fetchElectron(root, () => undefined, limits)).rejects.toThrow('no data for')
  expect(Date.now() - begin).toBeLessThan(3000)
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

it('gives up when the download stops in the middle', async () => {
  installer(`writeFileSync(join(tmpdir(), 'electron.zip'), 'half'); setInterval(() => {}, 1000)`)
  await expect(fetchElectron(root, () => undefined, limits)).rejects.toThrow('no data for')
})

it("repeats the first line of the installer's complaint", async () => {
  installer(`console.error('TypeError: fetch failed\\n    at somewhere'); process.exit(1)`)
  await expect(fetchElectron(root, () => undefined, limits)).rejects.toThrow(/^fetch failed$/)
})

it('says what to do when the package is not there', async () => {
  await expect(fetchElectron(root, () => undefined, limits)).rejects.toThrow('npm ci')
})

it('does not take a path without its program for an installation', () => {
  writeFileSync(join(folder, 'path.txt'), 'electron')
  expect(installedElectron(root, {})).toBeNull()
})
