import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Check, fail, orThrow } from './finding.ts'

const require = createRequire(import.meta.url)
const remedy = 'Run "npm ci" again.'

/** What npm brings: native packages that must load and work, and the pictures. onnxruntime is tried as a runtime. */
export const packageChecks = (): Check[] => [
  { name: 'SQLite', needed: true, remedy, look: openSqlite },
  { name: 'sharp', needed: true, remedy, look: decodeOnePicture },
  ...['@lobehub/fluent-emoji-3d', 'openmoji', 'emojibase-data'].map(
    (name): Check => ({
      name: `data set ${name}`,
      needed: true,
      remedy,
      look: async () => `version ${await packageVersion(name)}`,
    }),
  ),
]

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
export async function packageVersion(name: string): Promise<string> {
  const places = require.resolve.paths(name) ?? []
  const found = places.map((folder) => join(folder, name, 'package.json')).find((path) => existsSync(path))
  if (!found) return fail('not installed')
  return String((JSON.parse(await readFile(found, 'utf8')) as { version: unknown }).version)
}
