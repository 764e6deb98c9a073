import { createInterface } from 'node:readline'
import { rendererFolder } from '../page/renderer-folder.ts'
import { createWorkbench } from '../services/workbench.ts'
import { homeFolder } from '../start/home.ts'
import { openBrowser } from './open-browser.ts'
import { browserHostOptions } from './options.ts'
import { type BrowserServer, startBrowserServer } from './server.ts'

/** The browser host as a program: `browser [--home DIR] [--port N] [--open]`. */

/** Kept from start to start, so that an address forwarded to another machine stays the same. */
const usualPort = 8417

async function run(): Promise<void> {
  const options = browserHostOptions(process.argv.slice(2))
  const home = homeFolder(options.home)
  const workbench = await createWorkbench({ home })
  let server: BrowserServer
  try {
    server = await listen(options.port, workbench.router)
  } catch (error) {
    await workbench.close()
    throw error
  }

  let ending = false
  const end = async () => {
    // A second Ctrl-C does not wait for the runs.
    if (ending) process.exit(130)
    ending = true
    console.log('\nPausing what runs. Ctrl-C again ends at once.')
    await server.close()
    await workbench.close()
    process.exit(0)
  }
  const endOrFail = () => void end().catch(fail)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, endOrFail)
  // Started by another process (npm start) that is gone: nobody could end this one any more.
  process.on('disconnect', endOrFail)

  const address = server.freshAddress()
  console.log(`UniCode Workbench: ${address}`)
  console.log('The address works once. Enter: a fresh one. Ctrl-C: end.')
  createInterface({ input: process.stdin }).on('line', () => console.log(server.freshAddress()))
  if (options.open && !(await openBrowser(address))) {
    const { port } = new URL(server.origin)
    console.log(`No browser to open here. From another machine: ssh -L ${port}:127.0.0.1:${port} <this machine>`)
  }
}

/** On the port asked for; without one on the usual port, or any free one if that is taken. */
async function listen(port: number | undefined, router: Parameters<typeof startBrowserServer>[0]['router']) {
  const options = { router, rendererFolder: rendererFolder(import.meta.url) }
  try {
    return await startBrowserServer({ ...options, port: port ?? usualPort })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    if (port !== undefined) throw new Error(`port ${port} is in use; choose another one with --port, or 0 for any`)
    return startBrowserServer({ ...options, port: 0 })
  }
}

function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
}

run().catch(fail)
