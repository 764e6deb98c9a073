import { EventEmitter } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

const electron = vi.hoisted(() => ({
  protocol: {},
  /** The fake window below: mocks stand before everything else. */
  BrowserWindow: undefined as unknown,
  screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
}))
vi.mock('electron', () => electron)
const { openWindow } = await import('./window.ts')

class FakeWindow extends EventEmitter {
  options: Record<string, unknown>
  webContents = Object.assign(new EventEmitter(), { reload: vi.fn() })
  show = vi.fn()
  maximize = vi.fn()
  loadURL = vi.fn(async () => undefined)
  isMaximized = () => false
  getNormalBounds = () => ({ x: 10, y: 20, width: 1300, height: 900 })
  constructor(options: Record<string, unknown>) {
    super()
    this.options = options
  }
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workbench-window-'))
  electron.BrowserWindow = FakeWindow
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = (shown: () => void = () => undefined) =>
  openWindow('/preload.cjs', join(folder, 'place.json'), shown) as unknown as FakeWindow

it('opens sandboxed, isolated and without Node, on the app protocol', () => {
  const window = open()
  expect(window.options.webPreferences).toMatchObject({
    preload: '/preload.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
  })
  expect(window.loadURL).toHaveBeenCalledWith('app://workbench/')
})

it('shows itself when it has something to show, and says so', () => {
  const shown = vi.fn()
  const window = open(shown)
  expect(window.options.show).toBe(false)
  expect(shown).not.toHaveBeenCalled()
  window.emit('ready-to-show')
  expect(window.show).toHaveBeenCalledOnce()
  expect(shown).toHaveBeenCalledOnce()
})

it('keeps its place when closed and takes it again', () => {
  open().emit('close')
  expect(JSON.parse(readFileSync(join(folder, 'place.json'), 'utf8'))).toMatchObject({ x: 10, width: 1300 })
  expect(open().options).toMatchObject({ x: 10, y: 20, width: 1300, height: 900 })
})

it('loads a page that died again, but not one that dies at once', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const { webContents } = open()
  webContents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 })
  expect(webContents.reload).not.toHaveBeenCalled()
  webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 })
  webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 })
  expect(webContents.reload).toHaveBeenCalledOnce()
})
