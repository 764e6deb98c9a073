import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPictures } from '../../src-main/data/open-pictures.ts'
import { listFolder } from '../../src-main/data/sources/folder.ts'
import { dataSchema } from '../../src-shared/config.ts'

const COUNT = 1_000_000
const CLASSES = 1000
/** Files that the others are hard links to: a file system holds no more than some ten thousand links of one. */
const DIFFERENT = 1000

let root: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'million-pictures-'))
  for (let at = 0; at < DIFFERENT; at++) {
    const background = { r: at % 256, g: (at * 7) % 256, b: Math.floor(at / 4) }
    const bytes = await sharp({ create: { width: 64, height: 48, channels: 3, background } })
      .jpeg()
      .toBuffer()
    writeFileSync(join(root, `${at}.bytes`), bytes)
  }
  for (let folder = 0; folder < CLASSES; folder++) {
    const path = join(root, 'pictures', `class ${String(folder).padStart(4, '0')}`)
    mkdirSync(path, { recursive: true })
    for (let at = 0; at < COUNT / CLASSES; at++)
      linkSync(
        join(root, `${(folder * 7 + at) % DIFFERENT}.bytes`),
        join(path, `picture ${String(at).padStart(5, '0')}.jpg`),
      )
  }
}, 600_000)
afterAll(() => rmSync(root, { recursive: true, force: true }), 600_000)

const seconds = async <Result>(work: () => Promise<Result>): Promise<[Result, number]> => {
  const begin = performance.now()
  return [await work(), (performance.now() - begin) / 1000]
}

describe('a folder of a million pictures', () => {
  test('is listed in under a minute, in memory that the names alone take', async () => {
    const before = process.memoryUsage.rss()
    const [listing, took] = await seconds(() => listFolder(join(root, 'pictures')))
    const grown = (process.memoryUsage.rss() - before) / 1e6
    console.log(`listed in ${took.toFixed(1)} s, ${grown.toFixed(0)} MB more memory`)
    expect(listing.count).toBe(COUNT)
    expect(listing.id(0)).toBe('class 0000/picture 00000.jpg')
    expect(listing.id(COUNT - 1)).toBe('class 0999/picture 00999.jpg')
    expect(took).toBeLessThan(60)
    expect(grown).toBeLessThan(300)
  })

  test('gives its first batch within 5 seconds once it has been listed, and goes on in flat memory', async () => {
    const data = dataSchema.parse({
      source: { kind: 'folder', path: join(root, 'pictures') },
      resolution: 64,
      heldOut: 0.05,
      splitSeed: 0,
      limit: 0,
      reading: 'stream',
    })
    const cacheDir = join(root, 'cache')
    for (const opening of ['first', 'second']) {
      const [set, opened] = await seconds(() => openPictures(data, { cacheDir }))
      const [batch, waited] = await seconds(() => set.batch(64, 0, 0))
      expect(batch.pixels).toHaveLength(64 * 64 * 64 * 3)
      console.log(`${opening} opening: ${opened.toFixed(1)} s, its first batch after ${waited.toFixed(2)} s more`)
      // The first one lists the folder, looks at some thousand pictures and decodes those that are held out.
      expect(opened + waited).toBeLessThan(opening === 'first' ? 60 : 5)
      const before = process.memoryUsage.rss()
      const [, took] = await seconds(async () => {
        for (let step = 1; step <= 200; step++) await set.batch(64, 0, step)
      })
      const grown = (process.memoryUsage.rss() - before) / 1e6
      console.log(`200 batches of 64: ${((200 * 64) / took).toFixed(0)} pictures/s, ${grown.toFixed(0)} MB more memory`)
      expect(grown).toBeLessThan(150)
      await set.close()
    }
  })
})
