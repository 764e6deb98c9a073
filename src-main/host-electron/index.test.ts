import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { explainedExit } from '../start/run-host.ts'

const createWorkbench = vi.hoisted(() => vi.fn())
vi.mock('../services/workbench.ts', () => ({ createWorkbench }))

/** Electron as far as the entry file uses it; the order of what is done to it is noted. */
const electron = vi.hoisted(() => ({ order: [] as string[], current: {} as Record<string, unknown> }))
vi.mock('electron', () => electron.current)

let home: string
let app: EventEmitter & { quit: ReturnType<typeof vi.fn>; exit: ReturnType<typeof vi.fn> }
let windows: { isMinimized: () => boolean; restore: () => void; focus: ReturnType<typeof vi.fn> }[]
let showErrorBox: ReturnType<typeof vi.fn>

class FakeWindow extends EventEmitter {
  webContents = new EventEmitter()
  loadURL = async () => electron.order.push('load')
  maximize() {}
}

/** Runs the entry file as Electron does. */
async function launch(only = true): Promise<void> {
  const note =
    <T>(name: string, value: T) =>
    (): T => {
      electron.order.push(name)
      return value
    }
  app = Object.assign(new EventEmitter(), {
    setPath: vi.fn(note('setPath', undefined)),
    enableSandbox: note('enableSandbox', undefined),
    requestSingleInstanceLock: note('lock', only),
    whenReady: () => Promise.resolve(),
    quit: vi.fn(),
    exit: vi.fn(),
  })
  windows = [{ isMinimized: () => false, restore: () => undefined, focus: vi.fn() }]
  showErrorBox = vi.fn()
  electron.order = []
  Object.assign(electron.current, {
    app,
    protocol: { registerSchemesAsPrivileged: note('declare', undefined) },
    session: {
      defaultSession: {
        protocol: { handle: note('serve', undefined) },
        setPermissionRequestHandler: note('guard', undefined),
        setPermissionCheckHandler: () => undefined,
        setDevicePermissionHandler: () => undefined,
      },
    },
    BrowserWindow: Object.assign(FakeWindow, { getAllWindows: () => windows }),
    screen: { getAllDisplays: () => [] },
    dialog: { showErrorBox },
    ipcMain: new EventEmitter(),
    Menu: { setApplicationMenu: () => undefined, buildFromTemplate: (template: unknown) => template },
    utilityProcess: {},
  })
  vi.stubGlobal(
    'process',
    Object.assign(Object.create(process), { argv: ['electron', '.', '--inspect', '--home', home] }),
  )
  vi.resetModules()
  await import('./index.ts')
  await vi.waitFor(() => expect(electron.order.at(-1)).toMatch(only ? /load|declare|lock/ : 'lock'))
}

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'workbench-electron-'))
})
afterEach(() => {
  vi.unstubAllGlobals()
  rmSync(home, { recursive: true })
})

it('keeps its profile in the home, and is sandboxed, declared, guarded and served before it loads', async () => {
  createWorkbench.mockResolvedValue({ router: {}, close: vi.fn() })
  await launch()
  await vi.waitFor(() => expect(electron.order).toContain('load'))
  expect(electron.order).toEqual(['setPath', 'enableSandbox', 'declare', 'lock', 'guard', 'serve', 'load'])
  expect(createWorkbench).toHaveBeenCalledWith(expect.objectContaining({ home }))
})

it('leaves the home to the window that has it, which comes to the front', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  createWorkbench.mockClear()
  await launch(false)
  expect(app.quit).toHaveBeenCalledOnce()
  expect(createWorkbench).not.toHaveBeenCalled()
  expect(log).toHaveBeenCalledWith(expect.stringContaining(home))

  createWorkbench.mockResolvedValue({ router: {}, close: vi.fn() })
  await launch()
  app.emit('second-instance')
  expect(windows[0]?.focus).toHaveBeenCalledOnce()
})

it('pauses what runs before it ends', async () => {
  let paused: () => void = () => undefined
  const close = vi.fn(
    () =>
      new Promise<void>((resolve) => {
        paused = resolve
      }),
  )
  createWorkbench.mockResolvedValue({ router: {}, close })
  await launch()
  await vi.waitFor(() => expect(electron.order).toContain('load'))
  app.emit('window-all-closed')
  expect(app.quit).toHaveBeenCalledOnce()
  const preventDefault = vi.fn()
  app.emit('will-quit', { preventDefault })
  expect(preventDefault).toHaveBeenCalledOnce()
  expect(app.exit).not.toHaveBeenCalled()
  paused()
  await vi.waitFor(() => expect(app.exit).toHaveBeenCalledWith(0))
  expect(close).toHaveBeenCalledOnce()
})

it('explains why the home cannot be opened, and ends with the code that says so', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  createWorkbench.mockRejectedValue(new Error('the home folder is in use by process 7'))
  await launch()
  await vi.waitFor(() => expect(app.exit).toHaveBeenCalledWith(explainedExit))
  expect(showErrorBox).toHaveBeenCalledWith('UniCode Workbench', 'the home folder is in use by process 7')
  expect(error).toHaveBeenCalledWith('the home folder is in use by process 7')
})
