import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { isAlive, processIdentitySchema } from '../../src-main/jobs/process-identity.ts'
import { runFiles } from '../../src-main/jobs/run-directory.ts'
import { root } from './build.ts'
import { chromiumForTests } from './programs.ts'

/** The built app, running on a home of its own, with a browser that has opened it. */
export interface RunningApp {
  page: Page
  browser: Browser
  /** "http://127.0.0.1:PORT" */
  origin: string
  home: string
  host: ChildProcess
  /** Errors that the page has reported: exceptions, console errors, breaches of the content security policy. */
  problems: string[]
  /** Asks the host for another one-time address, as pressing Enter does. */
  freshAddress(): Promise<string>
  /** Ends the browser, the host and all its training processes, and removes the home. */
  stop(): Promise<void>
}

export const chromiumProgram = chromiumForTests()
const startsWithinMs = 30_000
const endsWithinMs = 20_000

/**
 * Starts the browser host from the build and opens it in Chromium, 1280 × 800.
 * @param home made and removed here unless given
 * @throws Error with the host's own words if it does not start
 */
export async function startApp(home?: string): Promise<RunningApp> {
  const folder = home ?? mkdtempSync(join(tmpdir(), 'workbench-e2e-'))
  const host = spawn(process.execPath, [join(root, 'out', 'main', 'browser.js'), '--home', folder, '--port', '0'], {
    stdio: 'pipe',
  })
  const words = listenTo(host)
  let browser: Browser | undefined
  const stop = async () => {
    await browser?.close()
    await endHost(host)
    endTraining(folder)
    if (home === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const address = await words.nextAddress()
    browser = await openChromium()
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const page = await context.newPage()
    const problems = watchProblems(page)
    await page.goto(address)
    return {
      page,
      browser,
      origin: new URL(address).origin,
      home: folder,
      host,
      problems,
      freshAddress() {
        const fresh = words.nextAddress()
        host.stdin.write('\n')
        return fresh
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A fresh Chromium without any cookie. */
export function openChromium(): Promise<Browser> {
  if (chromiumProgram.path === undefined) throw new Error(chromiumProgram.missing)
  return chromium.launch({
    executablePath: chromiumProgram.path,
    // Chromium refuses its sandbox to root, as on a bare build machine.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
}

function listenTo(host: ChildProcess) {
  let words = ''
  let read = 0
  const waiting: (() => void)[] = []
  const look = (chunk?: Buffer) => {
    words += chunk ?? ''
    for (const each of waiting.splice(0)) each()
  }
  host.stdout?.on('data', look)
  host.stderr?.on('data', look)
  host.on('close', () => look())
  return {
    /** The next address in the host's output that has not been handed out. */
    async nextAddress(): Promise<string> {
      const until = Date.now() + startsWithinMs
      while (true) {
        const match = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+(?=\s)/.exec(words.slice(read))
        if (match) {
          read += match.index + match[0].length
          return match[0]
        }
        if (host.exitCode !== null || Date.now() > until) throw new Error(`the browser host gave no address:\n${words}`)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 1000)
          waiting.push(() => {
            clearTimeout(timer)
            resolve()
          })
        })
      }
    },
  }
}

function watchProblems(page: Page): string[] {
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  return problems
}

async function endHost(host: ChildProcess): Promise<void> {
  if (host.exitCode !== null || host.signalCode !== null) return
  const ended = new Promise<void>((resolve) => host.once('exit', () => resolve()))
  host.kill('SIGINT')
  const timer = setTimeout(() => host.kill('SIGKILL'), endsWithinMs)
  await ended
  clearTimeout(timer)
}

/** Training processes outlive a host that was killed; each is known by its run directory. */
function endTraining(home: string): void {
  const runs = join(home, 'runs')
  if (!existsSync(runs)) return
  for (const run of readdirSync(runs)) {
    const file = runFiles(join(runs, run)).process
    if (!existsSync(file)) continue
    const identity = processIdentitySchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    if (isAlive(identity)) process.kill(identity.pid, 'SIGKILL')
  }
}
