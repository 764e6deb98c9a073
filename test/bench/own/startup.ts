import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { givenOptions, serve } from '../serve.ts'
import type { StartupShape } from '../shapes.ts'

/** Starts the product afresh for each step and times it until it is ready; its home stays, so that only the first start is cold. */

const options = givenOptions<StartupShape & { threads: number }>()
const home = mkdtempSync(join(tmpdir(), 'workbench-bench-'))
const folder = dirname(fileURLToPath(import.meta.url))
const root = join(folder, '..', '..', '..')

/** From the start of a process until the first step of the quick preset could begin. */
async function training(): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, [join(folder, 'open-training.ts'), home, String(options.threads)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await lineOf(child, 'the training process', (line) => line.startsWith('{'))
  const ms = performance.now() - began
  peakMemory = Math.max(peakMemory ?? 0, (JSON.parse(line) as { peakMemoryMB: number }).peakMemoryMB)
  await gone(child)
  return ms
}

/** From `npm start -- --browser` until its page answers. */
async function page(): Promise<number> {
  const npm = process.env.npm_execpath
  const [program, args] = npm ? [process.execPath, [npm]] : ['npm', []]
  const began = performance.now()
  const child = spawn(program, [...args, 'start', '--silent', '--', '--browser', '--home', home, '--port', '0'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    // Nobody is there to look at the page.
    env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '' },
    // A process group of its own, so that all that npm starts can be asked to end.
    detached: true,
  })
  const line = await lineOf(child, 'npm start', (line) => line.includes('http://127.0.0.1'))
  const address = /http:\/\/\S+/.exec(line)?.[0] as string
  const text = await pageAt(address)
  const ms = performance.now() - began
  process.kill(-(child.pid as number), 'SIGINT')
  await gone(child)
  if (!text.includes('<script')) throw new Error(`the page is not the app's: ${text.slice(0, 200)}`)
  return ms
}

/** What a one-time address leads to: it sets a cookie and sends the browser on. @throws Error if the host refuses */
async function pageAt(address: string): Promise<string> {
  const welcome = await fetch(address, { redirect: 'manual' })
  const cookie = welcome.headers.getSetCookie().map((each) => each.split(';', 1)[0])
  const answer = await fetch(new URL(welcome.headers.get('location') ?? '/', address), {
    headers: { cookie: cookie.join('; ') },
  })
  if (!answer.ok) throw new Error(`${new URL(address).origin} answered ${answer.status}`)
  return answer.text()
}

/** The first line of its output that fits. @throws Error if it ends before */
async function lineOf(child: ChildProcess, what: string, fits: (line: string) => boolean): Promise<string> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream }))
    if (fits(line)) return line
  throw new Error(`${what} ended with code ${child.exitCode} before it was ready`)
}

const gone = async (child: ChildProcess): Promise<void> => {
  child.stdout?.resume()
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

/** Of the training processes; of the others nothing is known. */
let peakMemory: number | undefined
process.once('exit', () => rmSync(home, { recursive: true, force: true }))
const measured = { training, page }[options.what]
await serve({ ready: `Node ${process.version}` }, async () => ({ ms: await measured() }), {
  peakMemory: () => peakMemory,
})
