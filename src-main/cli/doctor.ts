import { existsSync, mkdtempSync, rmdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { installedElectron } from '../start/electron-binary.ts'
import { findChromium } from '../start/find-chromium.ts'

/** One thing that the app needs, or would like to have, on this machine. */
export interface Finding {
  name: string
  ok: boolean
  /** What was found, or what is wrong. */
  detail: string
  /** What to do about it; '' if it is in order. */
  remedy: string
  /** Whether training needs it; the rest is for the window and the tests. */
  needed: boolean
}

interface Check {
  name: string
  needed: boolean
  remedy: string
  /** Says what was found. @throws Error with what is wrong */
  look(): Promise<string> | string
}

const require = createRequire(import.meta.url)
const LEAST_NODE = 24
const LEAST_MEMORY = 2e9
const REINSTALL = 'Run "npm ci" again.'

/** Looks at everything once; never throws. @param root folder of the package.json */
export async function examine(home: string, root: string): Promise<Finding[]> {
  return Promise.all(
    checks(home, root).map(async ({ name, needed, remedy, look }): Promise<Finding> => {
      try {
        return { name, needed, ok: true, detail: await look(), remedy: '' }
      } catch (error) {
        const detail = (error as Error).message.split('\n', 1)[0] as string
        return { name, needed, ok: false, detail, remedy }
      }
    }),
  )
}

const checks = (home: string, root: string): Check[] => [
  {
    name: 'Node',
    needed: true,
    remedy: 'Start by "npm run cli -- doctor": npm ci brings Node 24 along.',
    look: () => orThrow(Number.parseInt(process.versions.node, 10) >= LEAST_NODE, `version ${process.versions.node}`),
  },
  {
    name: 'processor',
    needed: true,
    remedy: '',
    look: () => `${availableParallelism()} cores, ${process.arch}`,
  },
  {
    name: 'memory',
    needed: true,
    remedy: 'Close other programs, or train one run at a time with --concurrency 1.',
    look: () => orThrow(totalmem() >= LEAST_MEMORY, `${gigabytes(totalmem())} GB, ${gigabytes(freemem())} GB free`),
  },
  { name: 'onnxruntime', needed: true, remedy: REINSTALL, look: runOnnxSession },
  { name: 'SQLite', needed: true, remedy: REINSTALL, look: openSqlite },
  { name: 'sharp', needed: true, remedy: REINSTALL, look: decodeOnePicture },
  ...['@lobehub/fluent-emoji-3d', 'openmoji', 'emojibase-data'].map(
    (name): Check => ({
      name: `data set ${name}`,
      needed: true,
      remedy: REINSTALL,
      look: async () => `version ${await packageVersion(name)}`,
    }),
  ),
  {
    name: 'Electron',
    needed: false,
    remedy: 'Run "npx install-electron", or use the browser window: npm start -- --browser.',
    look: () => installedElectron(root) ?? fail('its program has not been fetched'),
  },
  {
    name: 'Chromium',
    needed: false,
    remedy: 'Install it (Debian: apt-get install chromium) or set CHROMIUM_PATH; only the end-to-end tests need it.',
    look: () =>
      findChromium() ??
      fail(process.env.CHROMIUM_PATH ? `CHROMIUM_PATH=${process.env.CHROMIUM_PATH} cannot be run` : 'not found'),
  },
  {
    name: 'home',
    needed: true,
    remedy: 'Choose another folder with --home, or make this one writable.',
    look: () => tryToWrite(home),
  },
]

/** A session of one operator, built with the engine's own writer, run once. */
async function runOnnxSession(): Promise<string> {
  const ort = await import('onnxruntime-node')
  const { OnnxBuilder } = await import('../engine/onnx-builder.ts')
  const builder = new OnnxBuilder()
  builder.input('x', [2], 'float32')
  builder.output('y', builder.op('Add', ['x', 'x']), [2], 'float32')
  const session = await ort.InferenceSession.create(builder.encode('doctor'))
  const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2), [2]) })
  await session.release()
  const got = y ? [...(y.data as Float32Array)].join() : 'nothing'
  return orThrow(got === '2,4', `version ${await packageVersion('onnxruntime-node')}; a session computed [${got}]`)
}

async function openSqlite(): Promise<string> {
  const { default: SQLite } = await import('better-sqlite3')
  const connection = new SQLite(':memory:')
  try {
    return `version ${String(connection.prepare('SELECT sqlite_version()').pluck().get())}`
  } finally {
    connection.close()
  }
}

async function decodeOnePicture(): Promise<string> {
  const { default: sharp } = await import('sharp')
  const white = { width: 1, height: 1, channels: 3, background: '#ffffff' } as const
  const png = await sharp({ create: white }).png().toBuffer()
  const pixels = await sharp(png).raw().toBuffer()
  return orThrow(pixels[0] === 255, `version ${await packageVersion('sharp')}, libvips ${sharp.versions.vips}`)
}

/** Version of an installed package, also of one that does not export its package.json. */
async function packageVersion(name: string): Promise<string> {
  const places = require.resolve.paths(name) ?? []
  const found = places.map((folder) => join(folder, name, 'package.json')).find((path) => existsSync(path))
  if (!found) return fail('not installed')
  return String((JSON.parse(await readFile(found, 'utf8')) as { version: unknown }).version)
}

/** Writes nothing that stays: a home that does not exist yet is not made, its nearest folder is tried instead. */
function tryToWrite(home: string): string {
  let folder = home
  while (!existsSync(folder)) folder = dirname(folder)
  rmdirSync(mkdtempSync(join(folder, '.doctor-')))
  return folder === home ? home : `${home} (will be made)`
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)

function fail(message: string): never {
  throw new Error(message)
}

const orThrow = (holds: boolean, message: string): string => (holds ? message : fail(message))
