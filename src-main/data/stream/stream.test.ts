import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DataConfig, dataSchema } from '../../../src-shared/config.ts'
import type { PictureSource, SimpleSource } from '../../../src-shared/picture-source.ts'
import { encodeParquet } from '../../../test/fakes/parquet-file.ts'
import { encodeIdx, plainPng, plainPngs, putFiles } from '../../../test/fakes/picture-files.ts'
import { encodeTar } from '../../../test/fakes/tar-file.ts'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import { openPictures } from '../open-pictures.ts'
import type { PictureSet } from '../picture-set.ts'

let root: string
let open: PictureSet[]
beforeEach(() => {
  root = temporaryFolder()
  open = []
})
afterEach(async () => {
  for (const set of open) await set.close()
})

const config = (source: PictureSource, changes: Partial<DataConfig> = {}): DataConfig =>
  dataSchema.parse({ source, resolution: 32, heldOut: 0.25, splitSeed: 1, limit: 0, reading: 'stream', ...changes })

async function stream(data: DataConfig, cache = 'cache'): Promise<PictureSet> {
  const set = await openPictures(data, { cacheDir: join(root, cache) })
  open.push(set)
  return set
}
/** The first colour of each picture of a batch tells which one it is. */
const colours = (pixels: Uint8Array): string[] =>
  Array.from({ length: pixels.length / (32 * 32 * 3) }, (_, row) =>
    [...pixels.subarray(row * 32 * 32 * 3, row * 32 * 32 * 3 + 3)].join(),
  )

/** One source of each kind, with 24 pictures that differ. */
async function sources(): Promise<Record<string, SimpleSource>> {
  const png = await plainPngs(24)
  const named = Object.fromEntries(png.map((bytes, at) => [`pictures/class${at % 3}/${at}.png`, bytes]))
  const name = (at: number): string => `class${at % 3}/${at}.png`
  const gpt = (value: string) => [{ from: 'gpt', value }]
  const columns = [{ path: ['image', 'bytes'], type: 'BYTE_ARRAY' as const, values: png }]
  putFiles(root, {
    ...named,
    'llava.json': JSON.stringify(png.map((_, at) => ({ image: name(at), conversations: gpt(`number ${at}`) }))),
    'coco.json': JSON.stringify({
      images: png.map((_, at) => ({ id: at, file_name: name(at) })),
      annotations: png.map((_, at) => ({ image_id: at, caption: `number ${at}` })),
    }),
    'train.tsv': png.map((_, at) => `number ${at}\t${name(at)}`).join('\n'),
    'rows.parquet': encodeParquet(columns, { rowsPerGroup: 10, rowsPerPage: 4 }),
    'shard.tar': await encodeTar(png.map((bytes, at) => [`${at}.png`, bytes] as const)),
    'images.idx': encodeIdx(
      [24, 6, 6],
      Uint8Array.from({ length: 24 * 36 }, (_, at) => Math.floor(at / 36) * 10),
    ),
  })
  const at = (file: string): string => join(root, file)
  const pictures = at('pictures')
  return {
    folder: { kind: 'folder', path: pictures },
    lsun: { kind: 'lsun', path: pictures },
    llava: { kind: 'llava', path: at('llava.json'), pictures },
    coco: { kind: 'coco', path: at('coco.json'), pictures },
    cc3m: { kind: 'cc3m', path: at('train.tsv'), pictures },
    parquet: { kind: 'parquet', path: at('rows.parquet') },
    webdataset: { kind: 'webdataset', path: at('shard.tar') },
    idx: { kind: 'idx', path: at('images.idx'), labels: '' },
    emoji: { kind: 'emoji', styles: ['fluent-3d'], background: '#ffffff', skinTones: false },
  }
}

describe('a stream', () => {
  test('gives the same bytes for a step after it was ended and opened anew, for every kind of source', async () => {
    const kinds = await sources()
    const all: Record<string, PictureSource> = {
      ...kinds,
      mixture: {
        kind: 'mixture',
        parts: ['folder', 'parquet', 'idx'].map((kind, at) => ({
          source: kinds[kind] as SimpleSource,
          weight: at + 1,
        })),
      },
    }
    for (const [kind, source] of Object.entries(all)) {
      const data = config(source, { crop: 'random-resized', flip: true, limit: kind === 'emoji' ? 40 : 0 })
      const first = await stream(data)
      const batches: Uint8Array[] = []
      for (let step = 0; step < 9; step++) batches.push((await first.batch(5, 3, step)).pixels)
      await first.close()
      // Another cache as well: nothing depends on what an earlier reading left behind.
      const resumed = await stream(data, 'other')
      for (const step of [4, 5, 8])
        expect(
          Buffer.compare((await resumed.batch(5, 3, step)).pixels, batches[step] as Uint8Array),
          `${kind}, step ${step}`,
        ).toBe(0)
      expect(new Set(batches.map((batch) => Buffer.from(batch).toString('base64'))).size, kind).toBe(9)
      expect(
        Buffer.compare((await resumed.batch(5, 4, 4)).pixels, batches[4] as Uint8Array),
        `${kind}, another seed`,
      ).not.toBe(0)
      await resumed.close()
    }
  }, 60_000)

  test('never trains on a held-out picture, nor on a copy of one, and goes through all others in an epoch', async () => {
    const { folder } = await sources()
    putFiles(
      root,
      Object.fromEntries((await plainPngs(24)).map((bytes, at) => [`pictures/copies/copy of ${at}.png`, bytes])),
    )
    const set = await stream(config(folder as PictureSource))
    const out = new Set(set.heldOut.map((at) => colours(set.pixels(at))[0]))
    expect(out.size).toBeGreaterThan(2)
    expect(set.heldOut.length).toBe(2 * out.size)
    const seen = new Set<string>()
    for (let step = 0; step < 6; step++)
      for (const colour of colours((await set.batch(8, 0, step)).pixels)) seen.add(colour)
    expect([...seen].filter((colour) => out.has(colour))).toEqual([])
    expect(seen.size).toBe(24 - out.size)
    expect([set.offered, set.epoch, set.trainingCount]).toEqual([48, 48, 48 - set.heldOut.length])
  })

  test('holds out what a cache of the same settings holds out, and knows the same names', async () => {
    const { folder } = await sources()
    const streamed = await stream(config(folder as PictureSource))
    const cached = await stream(config(folder as PictureSource, { reading: 'cache' }))
    const heldOut = (set: PictureSet) => set.heldOut.map((at) => set.pictures[at]?.id)
    expect(heldOut(streamed)).toEqual(heldOut(cached))
    expect(streamed.described).toEqual(cached.pictures)
    for (const [row, at] of streamed.heldOut.entries())
      expect(streamed.pixels(at)).toEqual(cached.pixels(cached.heldOut[row] as number))
  })

  test('skips pictures that cannot be read, tells of each once, and fills their places', async () => {
    putFiles(root, Object.fromEntries(Array.from({ length: 4 }, (_, at) => [`pictures/broken${at}.png`, 'no picture'])))
    putFiles(root, Object.fromEntries((await plainPngs(12)).map((bytes, at) => [`pictures/${at}.png`, bytes])))
    const set = await stream(config({ kind: 'folder', path: join(root, 'pictures') }, { heldOut: 0 }))
    const told: string[] = []
    for (let step = 0; step < 6; step++) {
      const { pixels, unreadable } = await set.batch(8, 0, step)
      expect(new Set(colours(pixels)).size).toBeGreaterThan(3)
      told.push(...unreadable.map(({ file }) => file))
    }
    expect(told.sort()).toEqual(['broken0.png', 'broken1.png', 'broken2.png', 'broken3.png'])
  })

  test('that has nothing to train on is one error', async () => {
    const png = await plainPng(1)
    putFiles(root, { 'pictures/a.png': png, 'pictures/b.png': 'no picture' })
    const folder: PictureSource = { kind: 'folder', path: join(root, 'pictures') }
    const set = await stream(config(folder, { heldOut: 0 }))
    writeFileSync(join(root, 'pictures/a.png'), 'gone bad')
    await expect(set.batch(2, 0, 0)).rejects.toThrow(/none of 5000 pictures that were tried can be trained on/)
    await expect(stream(config({ kind: 'folder', path: join(root, 'nowhere') }))).rejects.toThrow('there is no folder')
  })

  test('prepares the next batches while nobody asks', async () => {
    const { folder } = await sources()
    const set = await stream(config(folder as PictureSource))
    await set.batch(8, 0, 0)
    await new Promise((resolve) => setTimeout(resolve, 500))
    const begin = performance.now()
    await set.batch(8, 0, 1)
    expect(performance.now() - begin).toBeLessThan(100)
  })
})

test('a cached mixture draws its parts by weight, and flips as a stream does', async () => {
  const part = async (name: string, value: number, count: number) => {
    for (let at = 0; at < count; at++)
      putFiles(root, {
        [`${name}/${at}.png`]: await sharp({
          create: { width: 8, height: 8, channels: 3, background: { r: value, g: at, b: 0 } },
        })
          .png()
          .toBuffer(),
      })
    return { kind: 'folder' as const, path: join(root, name) }
  }
  const source: PictureSource = {
    kind: 'mixture',
    parts: [
      { source: await part('one', 10, 10), weight: 1 },
      { source: await part('two', 200, 10), weight: 4 },
    ],
  }
  for (const reading of ['cache', 'stream'] as const) {
    const set = await stream(config(source, { reading, heldOut: 0 }))
    let second = 0
    for (let step = 0; step < 20; step++)
      second += colours((await set.batch(20, 1, step)).pixels).filter((colour) => colour.startsWith('200')).length
    expect(second / 400, reading).toBeGreaterThan(0.72)
    expect(second / 400, reading).toBeLessThan(0.88)
  }
})
