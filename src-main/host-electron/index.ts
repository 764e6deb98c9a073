import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { app, BrowserWindow, dialog, ipcMain, Menu, session, utilityProcess } from 'electron'
import { rendererFolder } from '../page/renderer-folder.ts'
import { createWorkbench } from '../services/workbench.ts'
import { homeFolder } from '../start/home.ts'
import { explainedExit, windowOpenLine } from '../start/run-host.ts'
import { answerOnPorts } from './api-port.ts'
import { declareAppProtocol, serveAppProtocol } from './app-protocol.ts'
import { guardContents, guardSession } from './guard.ts'
import { menuTemplate } from './menu.ts'
import { utilityExecutor } from './utility-executor.ts'
import { openWindow } from './window.ts'

/** The desktop window as a program: `electron . [--home DIR]`. */

// Chromium adds switches of its own to the command line, so unknown ones are let through.
const { values } = parseArgs({
  args: process.argv.slice(1),
  options: { home: { type: 'string' } },
  strict: false,
})
const home = homeFolder(typeof values.home === 'string' ? values.home : undefined)

/** Chromium's own files; the lock for a single instance is among them, so there is one window per home. */
const profile = join(home, 'window')
mkdirSync(profile, { recursive: true })
app.setPath('userData', profile)
app.enableSandbox()
declareAppProtocol()

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows()
    if (window?.isMinimized()) window.restore()
    window?.focus()
  })
  app.on('window-all-closed', () => app.quit())
  guardContents(app)
  app.whenReady().then(run).catch(explain)
} else {
  console.log(`UniCode Workbench is open on ${home} already; its window has been brought to the front.`)
  app.quit()
}

async function run(): Promise<void> {
  const workbench = await createWorkbench({
    home,
    executor: utilityExecutor((entry, args, options) => utilityProcess.fork(entry, args, options)),
  })
  let closed = false
  app.on('will-quit', (event) => {
    if (closed) return
    closed = true
    // Runs are paused first; then the app really ends.
    event.preventDefault()
    workbench.close().then(() => app.exit(0), explain)
  })
  guardSession(session.defaultSession)
  serveAppProtocol(session.defaultSession.protocol, rendererFolder(import.meta.url))
  answerOnPorts(ipcMain, workbench.router)
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform)))
  const preload = join(dirname(fileURLToPath(import.meta.url)), '..', 'preload', 'preload.cjs')
  openWindow(preload, join(profile, 'place.json'), () => console.log(windowOpenLine))
}

function explain(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  console.error(message)
  dialog.showErrorBox('UniCode Workbench', message)
  app.exit(explainedExit)
}
