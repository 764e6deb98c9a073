import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesUnder } from '../data/bytes-under.ts'

/** Path of Electron's program, or null if it has not been fetched. */
export function installedElectron(root: string, environment: NodeJS.ProcessEnv = process.env): string | null {
  const folder = join(root, 'node_modules', 'electron')
  const name = join(folder, 'path.txt')
  if (!existsSync(name)) return null
  const program = join(environment.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), readFileSync(name, 'utf8'))
  return existsSync(program) ? program : null
}

export interface FetchLimits {
  /** Without a first byte for so long, the server counts as out of reach, ms. */
  firstByteMs: number
  /** Without a further byte for so long, the line counts as cut, ms. */
  stalledMs: number
  /** How often to look, ms. */
  everyMs: number
}

/**
 * Fetches Electron's program with Electron's own installer. A slow line may take its time; one without any bytes is
 * given up within seconds.
 * @param progress told the bytes that have arrived, whenever they have grown
 * @throws Error with one sentence why it could not be fetched
 */
export async function fetchElectron(
  root: string,
  progress: (bytes: number) => void,
  limits: FetchLimits = { firstByteMs: 6_000, stalledMs: 20_000, everyMs: 200 },
): Promise<string> {
  const folder = join(root, 'node_modules', 'electron')
  const installer = join(folder, 'install.js')
  if (!existsSync(installer)) throw new Error('the package "electron" is not installed; run "npm ci"')
  // The installer downloads into the temporary folder. One of its own shows how far it is.
  const temporary = mkdtempSync(join(tmpdir(), 'workbench-electron-'))
  try {
    await runInstaller(installer, temporary, [temporary, join(folder, 'dist')], progress, limits)
  } finally {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 3 })
  }
  const program = installedElectron(root)
  if (program === null) throw new Error("Electron's installer ended without installing it")
  return program
}

function runInstaller(
  installer: string,
  temporary: string,
  watched: string[],
  progress: (bytes: number) => void,
  limits: FetchLimits,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const environment = { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary }
    const child = spawn(process.execPath, [installer], {
      env: { ...environment, ELECTRON_GET_NO_PROGRESS: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const start = watched.reduce((sum, path) => sum + bytesUnder(path), 0)
    let arrived = 0
    let grewAt = Date.now()
    let words = ''
    let givenUp: Error | null = null
    child.stderr.on('data', (chunk) => {
      words += chunk
    })
    const watch = setInterval(() => {
      const bytes = watched.reduce((sum, path) => sum + bytesUnder(path), 0) - start
      if (bytes !== arrived) {
        if (bytes > arrived) progress(bytes)
        arrived = bytes
        grewAt = Date.now()
      }
      const patience = arrived > 0 ? limits.stalledMs : limits.firstByteMs
      if (Date.now() - grewAt < patience) return
      givenUp = new Error(`no data for ${Math.round(patience / 1000)} s`)
      child.kill('SIGKILL')
    }, limits.everyMs)
    const settle = (error: Error | null) => {
      clearInterval(watch)
      if (error) reject(error)
      else resolve()
    }
    child.once('error', settle)
    child.once('close', (code) => settle(code === 0 ? null : (givenUp ?? new Error(firstLine(words)))))
  })
}

const firstLine = (words: string) =>
  words
    .trim()
    .split('\n', 1)[0]
    ?.replace(/^\w*Error: /, '') || 'its installer failed without a word'
