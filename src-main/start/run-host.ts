import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** How a host ended. */
export interface HostEnd {
  code: number
  /** It ended before its window was open, for a reason that is not the app's own (such as a missing library). */
  couldNotStart: boolean
}

/** Printed by the desktop window's process when the window is there. */
export const windowOpenLine = 'The window is open.'
/** Exit code of the desktop window's process for an error that it has explained itself. */
export const explainedExit = 2

/** Runs the browser host until it ends; the terminal is its own. */
export async function runBrowserHost(root: string, options: { home?: string; port?: string }): Promise<HostEnd> {
  const args = [join(root, 'out', 'main', 'browser.js'), '--open', ...homeArgument(options.home)]
  if (options.port !== undefined) args.push('--port', options.port)
  // The channel tells the host when this process is gone.
  const child = spawn(process.execPath, ['--enable-source-maps', ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  return { code: await ended(child), couldNotStart: false }
}

/** Runs the desktop window until it is closed. */
export async function runElectronHost(
  root: string,
  program: string,
  options: { home?: string },
  environment: NodeJS.ProcessEnv = process.env,
): Promise<HostEnd> {
  const env = { ...environment }
  // Set in the terminals of editors that are Electron themselves; it would make ours a plain Node.
  delete env.ELECTRON_RUN_AS_NODE
  const child = spawn(program, [root, ...homeArgument(options.home)], { env, stdio: ['inherit', 'pipe', 'inherit'] })
  let open = false
  child.stdout.on('data', (chunk: Buffer) => {
    open ||= chunk.toString().includes(windowOpenLine)
    process.stdout.write(chunk)
  })
  const code = await ended(child)
  return { code, couldNotStart: !open && code !== 0 && code !== explainedExit }
}

const homeArgument = (home: string | undefined) => (home === undefined ? [] : ['--home', home])

/** Exit code of a child; signals that ask this process to end are passed on, and the child is waited for. */
function ended(child: ReturnType<typeof spawn>): Promise<number> {
  // Ctrl-C reaches the child by itself: it is in the same terminal.
  const wait = () => undefined
  const pass = (signal: NodeJS.Signals) => child.kill(signal)
  process.on('SIGINT', wait)
  process.on('SIGTERM', pass)
  process.on('SIGHUP', pass)
  return new Promise((resolve, reject) => {
    const settle = () => {
      process.off('SIGINT', wait)
      process.off('SIGTERM', pass)
      process.off('SIGHUP', pass)
    }
    child.once('error', (error) => {
      settle()
      reject(error)
    })
    child.once('close', (code, signal) => {
      settle()
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1))
    })
  })
}
