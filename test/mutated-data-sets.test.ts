import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodePicture } from '../src-main/data/decode-picture.ts'
import { DataError } from '../src-main/data/source.ts'
import { ON_WHITE } from '../src-main/data/sources/folder-files.ts'
import { listSource } from '../src-main/data/sources/list-source.ts'
import type { PictureSource } from '../src-shared/picture-source.ts'
import { mutated, type Outcomes, tryMutations } from './fakes/mutate.ts'
import { encodeIdx, plainPng, plainPngs, putFiles } from './fakes/picture-files.ts'
import { encodeTar } from './fakes/tar-file.ts'
import { temporaryFolder } from './fakes/temporary-folder.ts'

/**
 * Broken data sets: each is read or refused by a DataError as a whole, or picture by picture by an Error with words of
 * ours; quickly, without an array larger than the file justifies, and without a file beside it.
 */
const COUNT = 2000
const FEW = 600

let root: string
let before: string[]
beforeEach(() => {
  root = temporaryFolder()
  before = readdirSync(dirname(root))
})
afterEach(() => {
  const new_ = readdirSync(dirname(root)).filter(
    (name) => !before.includes(name) && !name.startsWith('unicode-workbench-test-'),
  )
  expect(new_.filter((name) => /escaped|passwd/.test(name))).toEqual([])
})

/** Lists a source and reads every picture of it, undecoded. */
async function readAll(source: PictureSource): Promise<void> {
  const listing = await listSource(source)
  try {
    for (let at = 0; at < listing.count; at++)
      try {
        await listing.read(at)
      } catch (error) {
        // One picture that cannot be read is skipped with its reason.
        if (error instanceof DataError || (error as Error).constructor === Error) continue
        throw error
      }
  } finally {
    await listing.close()
  }
}
const isDataError = (error: unknown): boolean => error instanceof DataError
const most = (file: Buffer): number => 128 * 1024 + 64 * file.length
const bothHappened = ({ read, refused }: Outcomes, count = COUNT): void => {
  expect(read + refused).toBe(count)
  expect(Math.min(read, refused)).toBeGreaterThan(count / 50)
}

describe('of thousands of broken files each is read or refused with one clear error', () => {
  test.each(['snappy-v1', 'none-v1', 'zstd-v2', 'lz4-v1'])(
    'Parquet (%s)',
    async (name) => {
      const file = readFileSync(fileURLToPath(new URL(`./fixtures/parquet/${name}.parquet`, import.meta.url)))
      const path = join(root, 'a.parquet')
      const footer = file.readUInt32LE(file.length - 8) + 8
      const hot = (seed: number): [number, number] =>
        seed % 2 === 0 ? [file.length - footer, file.length] : [0, file.length - footer]
      const count = name === 'snappy-v1' ? COUNT : FEW
      const outcomes = await tryMutations(
        count,
        (seed) => mutated(file, seed, hot(seed)),
        async (bytes) => {
          writeFileSync(path, bytes)
          await readAll({ kind: 'parquet', path })
        },
        isDataError,
        most,
      )
      bothHappened(outcomes, count)
    },
    120_000,
  )

  test('tar', async () => {
    const [one, two] = (await plainPngs(2)) as [Buffer, Buffer]
    const file = await encodeTar([
      ['a.png', one],
      ['a.txt', 'a caption'],
      ['a.cls', '3'],
      [`${'deep/'.repeat(40)}b.png`, two],
      [`${'deep/'.repeat(40)}b.json`, '{"caption": "b", "label": 4}'],
    ])
    const path = join(root, 'a.tar')
    const outcomes = await tryMutations(
      COUNT,
      (seed) => {
        const block = 512 * (seed % (file.length / 512))
        const bytes = mutated(file, seed, [block, block + 512])
        // A liar works out the check sum.
        return seed % 3 === 0 ? bytes : withCheckSums(bytes)
      },
      async (bytes) => {
        writeFileSync(path, bytes)
        await readAll({ kind: 'webdataset', path })
      },
      isDataError,
      (bytes) => most(bytes) + (512 << 10),
    )
    bothHappened(outcomes)
  }, 120_000)

  test.each(['plain', 'gzipped'])(
    'idx (%s)',
    async (kind) => {
      const pixels = Uint8Array.from({ length: 6 * 5 * 4 }, (_, at) => at)
      const file = encodeIdx([6, 5, 4], pixels)
      const labels = encodeIdx([6], Uint8Array.of(1, 2, 3, 4, 5, 6))
      const pack = (bytes: Buffer): Buffer => (kind === 'gzipped' ? gzipSync(bytes) : bytes)
      const [path, beside] = [join(root, 'pictures'), join(root, 'labels')]
      const outcomes = await tryMutations(
        COUNT,
        (seed) =>
          kind === 'gzipped' && seed % 2 === 0
            ? mutated(pack(file), seed, [0, 40])
            : pack(mutated(file, seed, [0, 16])),
        async (bytes) => {
          writeFileSync(path, bytes)
          writeFileSync(beside, labels)
          await readAll({ kind: 'idx', path, labels: beside })
          // The same bytes in the place of the labels.
          writeFileSync(beside, bytes)
          writeFileSync(path, file)
          await readAll({ kind: 'idx', path, labels: beside }).catch((error: unknown) => {
            if (!isDataError(error)) throw error
          })
        },
        isDataError,
        (bytes) => most(bytes) + (kind === 'gzipped' ? 1 << 20 : 0),
      )
      bothHappened(outcomes)
    },
    120_000,
  )

  test.each(['llava', 'coco', 'cc3m'] as const)(
    '%s',
    async (kind) => {
      const pictures = join(root, 'pictures')
      const secret = join(root, 'secret.png')
      putFiles(root, {
        'pictures/a.png': await plainPng(0),
        'pictures/b/c.png': await plainPng(1),
        'secret.png': await plainPng(2),
      })
      const content = {
        llava: JSON.stringify(
          ['a.png', 'b/c.png'].map((image) => ({
            id: 1,
            image,
            conversations: [
              { from: 'human', value: 'x' },
              { from: 'gpt', value: 'said "so"' },
            ],
          })),
        ),
        coco: JSON.stringify({
          images: [
            { id: 1, file_name: 'a.png' },
            { id: 2, file_name: 'b/c.png' },
          ],
          annotations: [
            { image_id: 1, caption: 'a' },
            { image_id: 2, caption: 'b' },
          ],
        }),
        cc3m: `first\ta.png\nsecond\thttps://example.com/b/c.png\nthird\tb/c.png\n`,
      }[kind]
      const file = Buffer.from(content)
      const path = join(root, 'captions')
      const outcomes = await tryMutations(
        FEW,
        (seed) => mutated(file, seed, [0, file.length]),
        async (bytes) => {
          writeFileSync(path, bytes)
          await readAll({ kind, path, pictures })
        },
        isDataError,
        (bytes) => most(bytes) + (256 << 10),
      )
      bothHappened(outcomes, FEW)
      expect(existsSync(secret)).toBe(true)
    },
    120_000,
  )

  test.each(['png', 'jpeg', 'webp', 'gif', 'tiff'] as const)(
    'pictures (%s)',
    async (format) => {
      const { default: sharp } = await import('sharp')
      const file = await sharp(await plainPng(3, 40, 30))
        .toFormat(format)
        .toBuffer()
      const memory = process.memoryUsage.rss()
      const outcomes = await tryMutations(
        250,
        (seed) => mutated(file, seed, [0, Math.min(file.length, 120)]),
        async (bytes) => {
          const pixels = await decodePicture(
            { bytes, ...ON_WHITE },
            32,
            (['cover', 'adm', 'taming'] as const)[bytes.length % 3],
          )
          expect(pixels).toHaveLength(32 * 32 * 3)
        },
        (error) => (error as Error).constructor === Error,
        () => 256 << 20,
      )
      expect(outcomes.read + outcomes.refused).toBe(250)
      expect(process.memoryUsage.rss() - memory).toBeLessThan(600e6)
    },
    120_000,
  )
})

/** Writes the right check sum into every block that looks like a header. */
function withCheckSums(bytes: Buffer): Buffer {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    if (bytes.toString('latin1', at + 257, at + 262) !== 'ustar') continue
    bytes.write('        ', at + 148)
    const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0)
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148)
  }
  return bytes
}
