import { BrowserWindow, screen } from 'electron'
import { pageAddress } from './app-protocol.ts'
import { keepState, restoredPlace, smallest } from './window-state.ts'

/** A page that dies again within this time is left dead, ms. */
const reloadPauseMs = 10_000

/**
 * Opens the window where it was last time, shown as soon as it has something to show.
 * @param stateFile where its place is kept
 */
export function openWindow(preload: string, stateFile: string, shown: () => void): BrowserWindow {
  const place = restoredPlace(
    stateFile,
    screen.getAllDisplays().map((display) => display.workArea),
  )
  const { maximized, ...bounds } = place
  const window = new BrowserWindow({
    ...bounds,
    minWidth: smallest.width,
    minHeight: smallest.height,
    title: 'UniCode Workbench',
    show: false,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
    },
  })
  if (maximized) window.maximize()
  window.once('ready-to-show', () => {
    window.show()
    shown()
  })
  window.on('close', () => {
    try {
      keepState(stateFile, { ...window.getNormalBounds(), maximized: window.isMaximized() })
    } catch (error) {
      // A full disk must not keep the window from closing.
      console.error(error)
    }
  })

  let diedAt = Number.NEGATIVE_INFINITY
  window.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit') return
    console.error(`the window's page ended (${details.reason}, code ${details.exitCode})`)
    const again = Date.now() - diedAt < reloadPauseMs
    diedAt = Date.now()
    if (!again) window.webContents.reload()
  })
  void window.loadURL(pageAddress)
  return window
}
