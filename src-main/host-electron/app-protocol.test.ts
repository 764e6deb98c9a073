import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Protocol } from 'electron'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

const electron = vi.hoisted(() => ({ protocol: { registerSchemesAsPrivileged: vi.fn() } }))
vi.mock('electron', () => electron)
const { declareAppProtocol, isPage, serveAppProtocol } = await import('./app-protocol.ts')

let folder: string
let answer: (request: Request) => Promise<Response>
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'workbench-protocol-'))
  mkdirSync(join(folder, 'renderer', 'assets'), { recursive: true })
  writeFileSync(join(folder, 'renderer', 'index.html'), '<!doctype html>')
  writeFileSync(join(folder, 'renderer', 'assets', 'main-1.js'), 'export {}')
  writeFileSync(join(folder, 'secret.json'), '{}')
  const target = {
    handle: (scheme: string, handler: typeof answer) => {
      expect(scheme).toBe('app')
      answer = handler
    },
  }
  serveAppProtocol(target as unknown as Protocol, join(folder, 'renderer'))
})
afterAll(() => rmSync(folder, { recursive: true }))

it('is declared a secure origin of its own', () => {
  declareAppProtocol()
  expect(electron.protocol.registerSchemesAsPrivileged).toHaveBeenCalledWith([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
})

it('serves the window with the headers of the browser host', async () => {
  const page = await answer(new Request('app://workbench/'))
  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(page.headers.get('content-security-policy')).toContain("connect-src 'self';")
  expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  const script = await answer(new Request('app://workbench/assets/main-1.js'))
  expect(await script.text()).toBe('export {}')
})

it.each(['app://workbench/..%2fsecret.json', 'app://workbench/none.js', 'app://elsewhere/index.html'])(
  'has nothing at %s',
  async (address) => {
    expect((await answer(new Request(address))).status).toBe(404)
  },
)

it('cannot be posted to', async () => {
  expect((await answer(new Request('app://workbench/', { method: 'POST' }))).status).toBe(405)
})

it('knows its own pages from all others', () => {
  expect(isPage('app://workbench/#/runs')).toBe(true)
  for (const other of ['app://workbench.evil/', 'https://workbench/', 'file:///index.html', 'about:blank', ''])
    expect(isPage(other), other).toBe(false)
})
