import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureBuilt } from './build.ts'
import { chooseHost } from './choose-host.ts'
import { fetchElectron, installedElectron } from './electron-binary.ts'
import { runBrowserHost, runElectronHost } from './run-host.ts'

/** `npm start`: builds what has changed, then opens the desktop window, or the browser where there can be none. */

const help = `npm start -- [options]
  --browser    use the default browser, or print an address to open elsewhere
  --electron   use the desktop window; fail if it cannot be had
  --home DIR   keep everything in DIR (default: UNICODE_WORKBENCH_HOME, else the user's data folder)
  --port N     the browser's port (default: 8417, or any free one if that is taken)
  --help       this text`

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const say = (line: string) => console.log(line)

async function start(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      browser: { type: 'boolean', default: false },
      electron: { type: 'boolean', default: false },
      home: { type: 'string' },
      port: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    say(help)
    return 0
  }
  if (values.browser && values.electron) throw new Error('--browser and --electron cannot go together; choose one')
  const options = {
    ...(values.home === undefined ? {} : { home: values.home }),
    ...(values.port === undefined ? {} : { port: values.port }),
  }

  const { built, ms } = await ensureBuilt(root, say)
  if (built) say(`Built in ${(ms / 1000).toFixed(1)} s.`)

  const asked = values.browser ? 'browser' : values.electron ? 'electron' : null
  const host = await chooseHost(asked, {
    platform: process.platform,
    environment: process.env,
    userId: process.getuid?.(),
    electron: electronProgram,
  })
  if (host.kind === 'browser') {
    if (host.because) say(`No desktop window: ${host.because}. Using the browser instead.`)
    return (await runBrowserHost(root, options)).code
  }
  const end = await runElectronHost(root, host.program, options)
  if (!end.couldNotStart) return end.code
  if (asked === 'electron') throw new Error(`Electron ended with code ${end.code} before its window opened`)
  say(`No desktop window: Electron ended with code ${end.code} before it opened. Using the browser instead.`)
  return (await runBrowserHost(root, options)).code
}

/** Electron's program; fetched the first time, with one line of progress. */
async function electronProgram(): Promise<string> {
  const installed = installedElectron(root)
  if (installed) return installed
  const terminal = process.stdout.isTTY
  process.stdout.write('Fetching Electron (once) …')
  try {
    return await fetchElectron(root, (bytes) => {
      if (terminal) process.stdout.write(`\rFetching Electron (once) … ${Math.round(bytes / 1e6)} MB `)
    })
  } catch (error) {
    throw new Error(`Electron could not be fetched (${error instanceof Error ? error.message : String(error)})`, {
      cause: error,
    })
  } finally {
    process.stdout.write('\n')
  }
}

try {
  process.exitCode = await start(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
