import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DataConfig, dataSchema } from '../../src-shared/config.ts'
import { openPictures } from './open-pictures.ts'
import type { PictureSet } from './picture-set.ts'

const EMOJI: DataConfig = dataSchema.parse({
  source: { kind: 'emoji', styles: ['fluent-3d', 'openmoji'], background: '#ffffff', skinTones: true },
  resolution: 32,
  heldOut: 0.3,
  splitSeed: 0,
  limit: 40,
})

let root: string
let cacheDir: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'open-pictures-test-'))
  cacheDir = join(root, 'cache')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Opens a set and counts the pictures that had to be decoded for it. */
async function open(data: DataConfig): Promise<{ set: PictureSet; decoded: number }> {
  let decoded = 0
  const set = await openPictures(data, { cacheDir, onProgress: (done) => (decoded = done) })
  return { set, decoded }
}
const allPixels = (set: PictureSet): Buffer => Buffer.concat(set.pictures.map((_, at) => set.pixels(at)))
const cacheFile = (ending: string): string =>
  join(cacheDir, readdirSync(cacheDir).find((name) => name.endsWith(ending)) as string)

/** A folder of plain squares, each of another colour. */
async function folderOf(count: number): Promise<DataConfig> {
  const path = join(root, 'pictures')
  mkdirSync(join(path, 'square'), { recursive: true })
  for (let at = 0; at < count; at++) await putSquare(at, at * 10)
  return { ...EMOJI, source: { kind: 'folder', path }, limit: 0, heldOut: 0 }
}
const putSquare = async (at: number, red: number): Promise<unknown> =>
  sharp({ create: { width: 40, height: 32, channels: 3, background: { r: red, g: 0, b: 0 } } })
    .png()
    .toFile(join(root, 'pictures/square', `${at}.png`))

test('every picture has pixels of the wanted size, and the checksum is that of all of them', async () => {
  const { set } = await open({ ...EMOJI, resolution: 64 })
  expect([set.resolution, set.count, set.pictures.length]).toEqual([64, 40, 40])
  for (let at = 0; at < set.count; at++) expect(set.pixels(at)).toHaveLength(64 * 64 * 3)
  expect(createHash('sha256').update(allPixels(set)).digest('hex')).toBe(set.checksum)
  expect(new Set(set.pictures.map(({ style }) => style)).size).toBe(2)
  expect([...set.training, ...set.heldOut].sort((a, b) => a - b)).toEqual(set.pictures.map((_, at) => at))
  expect(() => set.pixels(40)).toThrow('there is no picture 40; the set has 40')
})

test('an emoji stands on the chosen background', async () => {
  const data: DataConfig = { ...EMOJI, source: { ...EMOJI.source, background: '#102030' } as DataConfig['source'] }
  const { set } = await open(data)
  const corners = set.pictures.map((_, at) => [...set.pixels(at).subarray(0, 3)].join())
  expect(corners.filter((corner) => corner === '16,32,48').length).toBeGreaterThan(30)
})

test('a second opening reads the cache and gives the same set', async () => {
  const first = await open(EMOJI)
  const second = await open(EMOJI)
  expect([first.decoded, second.decoded]).toEqual([40, 0])
  expect(second.set.pictures).toEqual(first.set.pictures)
  expect([second.set.training, second.set.heldOut]).toEqual([first.set.training, first.set.heldOut])
  expect(allPixels(second.set)).toEqual(allPixels(first.set))
})

test('another split uses the same pixels; another background, size or limit makes its own', async () => {
  const all = { ...EMOJI, source: { ...EMOJI.source, styles: ['openmoji'] } as DataConfig['source'] }
  await open(all)
  expect((await open({ ...all, heldOut: 0.5 })).decoded).toBe(0)
  expect((await open({ ...all, limit: 30 })).decoded).toBe(30)
  expect((await open({ ...all, resolution: 64 })).decoded).toBe(40)
  expect(
    (await open({ ...all, source: { ...all.source, background: '#000000' } as DataConfig['source'] })).decoded,
  ).toBe(40)
})

test.each([
  ['a flipped bit in the pixels', '.pixels', flipBit],
  ['torn pixels', '.pixels', (path: string) => truncateSync(path, 1000)],
  ['missing pixels', '.pixels', (path: string) => rmSync(path)],
  ['a flipped bit in the index', '.json', flipBit],
  ['a torn index', '.json', (path: string) => truncateSync(path, 100)],
  ['an empty index', '.json', (path: string) => truncateSync(path, 0)],
])('%s is noticed and rebuilt, and nothing else is touched', async (_, ending, damage) => {
  const data = await folderOf(6)
  const { set } = await open(data)
  const pixels = allPixels(set)
  damage(cacheFile(ending))
  const neighbour = join(cacheDir, 'neighbour.pixels')
  writeFileSync(neighbour, 'another set')
  const again = await open(data)
  expect(again.decoded).toBe(6)
  expect(allPixels(again.set)).toEqual(pixels)
  expect(readFileSync(neighbour, 'utf8')).toBe('another set')
  expect(readdirSync(cacheDir)).toHaveLength(3)
})

function flipBit(path: string): void {
  const bytes = readFileSync(path)
  const middle = Math.floor(bytes.length / 2)
  bytes[middle] = (bytes[middle] as number) ^ 1
  writeFileSync(path, bytes)
}

test('processes that build the same cache at once all succeed and agree', async () => {
  const script = `
    const { openPictures } = await import(${JSON.stringify(new URL('./open-pictures.ts', import.meta.url).href)})
    const set = await openPictures(${JSON.stringify(EMOJI)}, { cacheDir: ${JSON.stringify(cacheDir)} })
    console.log(set.checksum, set.pixels(39).length)
  `
  const run = () =>
    new Promise<{ code: number | null; output: string }>((resolve) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let output = ''
      child.stdout.on('data', (chunk) => (output += String(chunk)))
      child.on('close', (code) => resolve({ code, output }))
    })
  const results = await Promise.all([run(), run(), run()])
  const { set, decoded } = await open(EMOJI)
  expect(decoded).toBe(0)
  for (const result of results) expect(result).toEqual({ code: 0, output: `${set.checksum} ${32 * 32 * 3}\n` })
  expect(readdirSync(cacheDir)).toHaveLength(2)
})

test('what a killed process left is removed after an hour, and what one is writing is not', async () => {
  const data = await folderOf(2)
  await open(data)
  const pixels = cacheFile('.pixels')
  const [old, fresh] = [`${pixels}.1.old.part`, `${pixels}.2.fresh.part`]
  for (const path of [old, fresh]) writeFileSync(path, 'half a file')
  utimesSync(old, new Date(Date.now() - 7.2e6), new Date(Date.now() - 7.2e6))
  truncateSync(pixels, 10)
  await open(data)
  expect([existsSync(old), existsSync(fresh)]).toEqual([false, true])
})

test('a folder that changes gets a new cache, and its files are read anew', async () => {
  const data = await folderOf(3)
  const { set: before } = await open(data)
  expect(before.pictures.map((_, at) => before.pixels(at)[0])).toEqual([0, 10, 20])
  await putSquare(1, 200)
  const { set: after, decoded } = await open(data)
  expect(decoded).toBe(3)
  expect(after.pixels(1)[0]).toBe(200)
  expect(before.pixels(1)[0]).toBe(10)
})

test('unreadable pictures are listed with the reason, skipped, and remembered by the cache', async () => {
  const data = await folderOf(3)
  const folder = join(root, 'pictures/square')
  const square = readFileSync(join(folder, '2.png'))
  writeFileSync(join(folder, '1.png'), 'not a picture')
  writeFileSync(join(folder, '3.png'), square.subarray(0, square.length - 30))
  writeFileSync(join(folder, '4.jpg'), '<svg xmlns="http://www.w3.org/2000/svg" width="72" height="72"></svg>')
  for (const decoded of [5, 0]) {
    const opened = await open(data)
    expect(opened.decoded).toBe(decoded)
    expect(opened.set.pictures.map(({ id }) => id)).toEqual(['square/0.png', 'square/2.png'])
    expect(opened.set.pixels(1)[0]).toBe(20)
    expect(opened.set.unreadable).toEqual([
      { file: 'square/1.png', reason: expect.stringContaining('unsupported image format') },
      { file: 'square/3.png', reason: expect.any(String) },
      { file: 'square/4.jpg', reason: expect.stringContaining('its content is svg') },
    ])
  }
})

test('a folder of which no picture can be read is an error that names the first and leaves no cache', async () => {
  const data = await folderOf(2)
  for (const at of [0, 1]) writeFileSync(join(root, 'pictures/square', `${at}.png`), 'not a picture')
  await expect(open(data)).rejects.toThrow(/^none of 2 pictures could be read; the first: square\/0\.png \(.+\)$/)
  expect(readdirSync(cacheDir)).toEqual([])
})

test('copies of one picture in a folder fall on the same side of the split', async () => {
  const data = await folderOf(20)
  for (let at = 0; at < 20; at++)
    writeFileSync(
      join(root, 'pictures/square', `copy ${at}.png`),
      readFileSync(join(root, 'pictures/square', `${at}.png`)),
    )
  const { set } = await open({ ...data, heldOut: 0.5 })
  const heldOut = new Set(set.heldOut.map((at) => set.pictures[at]?.id))
  for (let at = 0; at < 20; at++) expect(heldOut.has(`square/copy ${at}.png`)).toBe(heldOut.has(`square/${at}.png`))
})
