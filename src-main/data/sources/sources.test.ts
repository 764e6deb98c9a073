import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PictureSource } from '../../../src-shared/picture-source.ts'
import { idsOf, infosOf } from '../../../test/fakes/listing.ts'
import { encodeParquet } from '../../../test/fakes/parquet-file.ts'
import { encodeIdx, plainPngs, putFiles } from '../../../test/fakes/picture-files.ts'
import { encodeTar } from '../../../test/fakes/tar-file.ts'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import { decodePicture } from '../decode-picture.ts'
import type { SourceListing } from '../source.ts'
import { listSource } from './list-source.ts'

let root: string
let png: Buffer[]
beforeAll(async () => {
  png = await plainPngs(8)
})
beforeEach(() => {
  root = temporaryFolder()
})
const at = (index: number): Buffer => png[index] as Buffer

async function listed<Result>(
  source: PictureSource,
  use: (listing: SourceListing) => Promise<Result>,
): Promise<Result> {
  const listing = await listSource(source)
  try {
    return await use(listing)
  } finally {
    await listing.close()
  }
}
const captionsOf = (source: PictureSource) =>
  listed(source, async (listing) =>
    Object.fromEntries((await infosOf(listing)).map(({ id, caption }) => [id, caption])),
  )
const refusedBy = (source: PictureSource) => listed(source, async ({ refused }) => refused)

describe('LLaVA json', () => {
  const record = (image: unknown, value: unknown) => ({
    id: 'x',
    image,
    conversations: [
      { from: 'human', value: '<image>\nWhat is it?' },
      { from: 'gpt', value },
    ],
  })
  const source = (records: unknown): PictureSource => {
    putFiles(root, {
      'list.json': typeof records === 'string' ? records : JSON.stringify(records),
      'pictures/00/a.png': at(0),
      'pictures/b.png': at(1),
    })
    return { kind: 'llava', path: join(root, 'list.json'), pictures: join(root, 'pictures') }
  }

  test('a caption is what the first answer says, whatever brackets and quotes it holds', async () => {
    const told = 'a "red" {square} in [brackets] \\ with é'
    expect(await captionsOf(source([record('00/a.png', told), record('b.png', 'blue')]))).toEqual({
      '00/a.png': told,
      'b.png': 'blue',
    })
  })

  test('records that name no picture of the folder are counted with the reason', async () => {
    putFiles(root, { 'secret.png': at(2) })
    const records = [
      record('b.png', 'blue'),
      record('../secret.png', 'x'),
      record(join(root, 'secret.png'), 'x'),
      record('none.png', 'x'),
      record(7, 'x'),
      record('00/a.png', ''),
      { id: 'text only', conversations: [] },
    ]
    const { count, first } = await refusedBy(source(records))
    expect(count).toBe(6)
    expect(first.map(({ file, reason }) => `${file}: ${reason}`)).toEqual([
      'record 1: its picture "../secret.png" is not in the folder',
      `record 2: its picture "${join(root, 'secret.png')}" is not in the folder`,
      'record 3: its picture "none.png" is not in the folder',
      'record 4: its image is 7, no name',
      'record 5: its conversations hold no answer',
      'record 6: names no picture',
    ])
  })

  test('a list larger than what is read at a time keeps every record', async () => {
    const records = Array.from({ length: 6000 }, (_, index) =>
      record(index % 2 === 0 ? 'b.png' : '00/a.png', `caption ${index} ${'é'.repeat(index % 300)}`),
    )
    await listed(source(records), async (listing) => {
      expect(listing.count).toBe(6000)
      for (const index of [0, 1, 2999, 5999])
        expect((await listing.read(index)).info.caption).toContain(`caption ${index}`)
    })
  })

  test.each([
    ['[{"id": 1}', 'ends after 10 bytes inside a JSON value: it is truncated'],
    ['hello', 'is neither a JSON list nor an object'],
    ['', 'is empty'],
    ['[]]', 'closes a bracket at byte 2 that was never opened'],
    ['[] {}', 'has something after its end'],
    ['{"list": 3}', 'names no picture'],
    [`[{"id": "${'x'.repeat(5 << 20)}"}]`, 'has a record of more than 4 MiB'],
  ])('a file that holds %.20s is one error that names it', async (content, message) => {
    await expect(listSource(source(content))).rejects.toThrow(message)
  })
})

test('COCO: each picture has its first caption; captions without a picture and pictures without a caption are counted', async () => {
  const images = [
    { id: 7, file_name: 'a.png' },
    { id: 9, file_name: 'b.png' },
    { id: 11, file_name: 'missing.png' },
    { id: 12, file_name: 'c.png' },
    { id: 'x', file_name: 'c.png' },
  ]
  const annotations = [
    { id: 1, image_id: 9, caption: 'a bee' },
    { id: 2, image_id: 7, caption: 'an ape' },
    { id: 3, image_id: 7, caption: 'another ape' },
    { id: 4, image_id: 99, caption: 'nobody' },
    { id: 5, image_id: 12, caption: 5 },
  ]
  putFiles(root, {
    'captions.json': JSON.stringify({
      info: { year: 2017, list: [{ a: 1 }] },
      licenses: [{ id: 1 }],
      images,
      annotations,
    }),
    'pictures/a.png': at(0),
    'pictures/b.png': at(1),
    'pictures/c.png': at(2),
  })
  const source: PictureSource = { kind: 'coco', path: join(root, 'captions.json'), pictures: join(root, 'pictures') }
  expect(await captionsOf(source)).toEqual({ 'a.png': 'an ape', 'b.png': 'a bee' })
  const { first } = await refusedBy(source)
  expect(first.map(({ file, reason }) => `${file}: ${reason}`).sort()).toEqual([
    'annotations 4: has no image_id and caption',
    'c.png: has no caption',
    'image_id 99: a caption without a picture',
    'images 2: its picture "missing.png" is not in the folder',
    'images 4: has no id and file_name',
  ])
})

test('CC3M: a line names a file, a URL by its last part, or a picture named after the number of the line', async () => {
  const lines = [
    'by name\tdeep/a.png',
    'by url\thttps://example.com/x/b%20c.png?size=3',
    'by number\thttps://example.com/no/such',
    'by long number\thttp://example.com/other.jpg',
    'by name of LLaVA\thttps://example.com/other.jpg',
    'gone\thttps://example.com/gone.jpg',
    'no picture\t',
    '\ta.png',
    'no tab',
    'outside\t../secret.png',
  ]
  putFiles(root, {
    'train.tsv': `${lines.join('\r\n')}\n`,
    'secret.png': at(7),
    'pictures/deep/a.png': at(0),
    'pictures/b c.png': at(1),
    'pictures/2.png': at(2),
    'pictures/000000003.jpg': at(3),
    'pictures/GCC_train_000000004.jpg': at(4),
  })
  const source: PictureSource = { kind: 'cc3m', path: join(root, 'train.tsv'), pictures: join(root, 'pictures') }
  expect(await captionsOf(source)).toEqual({
    'deep/a.png': 'by name',
    'b c.png': 'by url',
    '2.png': 'by number',
    '000000003.jpg': 'by long number',
    'GCC_train_000000004.jpg': 'by name of LLaVA',
  })
  const { first } = await refusedBy(source)
  expect(first.map(({ file, reason }) => `${file}: ${reason}`)).toEqual([
    'line 6: its picture "https://example.com/gone.jpg" is not in the folder',
    'line 7: names no picture',
    'line 8: has no caption',
    'line 9: has no tab between a caption and a picture',
    'line 10: its picture "../secret.png" is not in the folder',
  ])
})

describe('WebDataset', () => {
  const source = (path = ''): PictureSource => ({ kind: 'webdataset', path: join(root, path) })

  test('members of one key are one picture, in every tar of a folder', async () => {
    const long = `${'deep/'.repeat(60)}name`
    putFiles(root, {
      'b.tar': await encodeTar([
        ['001.png', at(0)],
        ['001.txt', 'a caption\n'],
        ['001.json', '{"caption": "another"}'],
        ['002.json', '{"caption": "from json", "label": "cat"}'],
        ['002.png', at(1)],
        ['003.png', at(2)],
        ['003.cls', '5'],
        [`${long}.png`, at(3)],
      ]),
      'a/a.tar': await encodeTar([
        ['./x.seg.png', at(4)],
        ['./x.txt', 'x'],
        ['y.txt', 'no picture'],
      ]),
    })
    await listed(source(), async (listing) => {
      expect(idsOf(listing)).toEqual(['a/a.tar/x', 'b.tar/001', 'b.tar/002', 'b.tar/003', `b.tar/${long}`])
      const infos = await infosOf(listing)
      expect(infos.map(({ caption, group }) => [caption, group])).toEqual([
        ['x', ''],
        ['a caption', ''],
        ['from json', 'cat'],
        ['a picture of class 5', 'class 5'],
        ['a picture', ''],
      ])
      expect(Buffer.compare((await listing.read(3)).bytes, at(2))).toBe(0)
      expect(Buffer.compare((await listing.read(4)).bytes, at(3))).toBe(0)
      expect(listing.refused.first).toEqual([{ file: 'a/a.tar/y', reason: 'no picture among its members (txt)' }])
    })
  })

  test('a name that leads out of the archive is only a name', async () => {
    putFiles(root, {
      'a.tar': await encodeTar([
        ['../../escaped.png', at(0)],
        ['/tmp/absolute.png', at(1)],
      ]),
    })
    await listed(source('a.tar'), async (listing) => {
      expect(listing.count).toBe(2)
      for (const index of [0, 1]) await listing.read(index)
    })
    expect(existsSync(join(root, '../../escaped.png'))).toBe(false)
  })

  test('a packed tar, a cut one and one without pictures are errors that say what to do', async () => {
    const tar = await encodeTar([['a.png', at(0)]])
    putFiles(root, {
      'packed.tar': gzipSync(tar),
      'cut.tar': tar.subarray(0, 560),
      'empty.tar': await encodeTar([['a.txt', 'x']]),
    })
    await expect(listSource(source('packed.tar'))).rejects.toThrow('is packed (.tar.gz); unpack it with gunzip first')
    await expect(listSource(source('cut.tar'))).rejects.toThrow(
      /claims \d+ bytes for the member at byte 0, but ends at 560/,
    )
    await expect(listSource(source('empty.tar'))).rejects.toThrow('no pictures in')
  })
})

describe('Parquet', () => {
  const source = (): PictureSource => ({ kind: 'parquet', path: root })
  const hub = (features: unknown) => ({ huggingface: JSON.stringify({ info: { features } }) })
  const pictures = (from: number, to: number) => ({
    path: ['image', 'bytes'],
    type: 'BYTE_ARRAY' as const,
    values: png.slice(from, to),
  })
  const bytes = (texts: (string | null)[]) => texts.map((text) => (text === null ? null : Buffer.from(text)))

  test('rows of all files in order, with classes from the hub’s own metadata and captions', async () => {
    putFiles(root, {
      'data/b.parquet': encodeParquet(
        [
          pictures(0, 5),
          { path: ['image', 'path'], type: 'BYTE_ARRAY', values: bytes(['a', 'b', 'c', 'd', 'e']) },
          { path: ['label'], type: 'INT64', values: [1, 0, null, 2, 1] },
        ],
        {
          rowsPerGroup: 3,
          rowsPerPage: 2,
          metadata: hub({ image: { _type: 'Image' }, label: { _type: 'ClassLabel', names: ['cat', 'dog'] } }),
        },
      ),
      'data/a.parquet': encodeParquet([
        pictures(5, 8),
        { path: ['caption'], type: 'BYTE_ARRAY', values: bytes(['x', 'y', 'z']) },
      ]),
    })
    await listed(source(), async (listing) => {
      const infos = await infosOf(listing)
      expect(infos.map(({ id, caption, group }) => [id, caption, group])).toEqual([
        ['data/a.parquet row 0', 'x', ''],
        ['data/a.parquet row 1', 'y', ''],
        ['data/a.parquet row 2', 'z', ''],
        ['data/b.parquet row 0', 'a picture of dog', 'dog'],
        ['data/b.parquet row 1', 'a picture of cat', 'cat'],
        ['data/b.parquet row 2', 'a picture', ''],
        ['data/b.parquet row 3', 'a picture of class 2', 'class 2'],
        ['data/b.parquet row 4', 'a picture of dog', 'dog'],
      ])
      for (const [index, picture] of [5, 6, 7, 0, 1, 2, 3, 4].entries())
        expect(Buffer.compare((await listing.read(index)).bytes, at(picture)), `picture ${index}`).toBe(0)
      // Pages are what an order keeps together.
      expect([...(listing.blocks ?? [])]).toEqual([0, 3, 5, 6, 8])
    })
  })

  test.each([
    ['gzip', { codec: 2, pack: (page: Uint8Array) => gzipSync(page) }],
    ['zstd', { codec: 6, pack: (page: Uint8Array) => zstdCompressSync(page) }],
  ])('pages packed by %s are read', async (_, pack) => {
    putFiles(root, { 'a.parquet': encodeParquet([{ ...pictures(0, 4), pack }], { rowsPerPage: 3 }) })
    await listed(source(), async (listing) => expect(Buffer.compare((await listing.read(3)).bytes, at(3))).toBe(0))
  })

  // Seven rows in groups of three, with a list column beside, written by pyarrow 26.
  const written = fileURLToPath(new URL('../../../test/fixtures/parquet', import.meta.url))
  test.each(readdirSync(written))(
    '%s of another writer is read: its packing, its dictionaries, its kind of page',
    async (name) => {
      await listed({ kind: 'parquet', path: join(written, name) }, async (listing) => {
        const rows = [0, 1, 2, 3, 5, 6]
        const read = await Promise.all(rows.map((row) => listing.read(row)))
        expect(read.map(({ info }) => info.caption)).toEqual(
          rows.map((row) => (row === 5 ? 'a picture of owl' : `picture number ${row}`)),
        )
        expect(read.map(({ info }) => info.group)).toEqual(rows.map((row) => ['cat', 'dog', 'owl'][row % 3]))
        const colours = await Promise.all(
          read.map(async (picture) => (await decodePicture(picture, 32)).subarray(0, 3)),
        )
        expect(colours.map((colour) => [...colour])).toEqual(rows.map((row) => [row * 40, row, 255 - row]))
        await expect(listing.read(4)).rejects.toThrow('has no bytes')
      })
    },
  )

  test('a row without bytes is skipped with the reason, and a file without pictures is an error that names its columns', async () => {
    putFiles(root, { 'a.parquet': encodeParquet([{ ...pictures(0, 2), values: [at(0), null] }]) })
    await listed(source(), async (listing) => {
      await expect(listing.read(1)).rejects.toThrow('has no bytes of a picture in its row')
      expect(Buffer.compare((await listing.read(0)).bytes, at(0))).toBe(0)
    })
    putFiles(root, { 'b.parquet': encodeParquet([{ path: ['label'], type: 'INT64', values: [1] }]) })
    await expect(listSource(source())).rejects.toThrow('has no column of pictures, among label')
  })
})

describe('idx', () => {
  const pixels = Uint8Array.from({ length: 3 * 4 * 5 }, (_, index) => index)
  test.each([
    ['plain', (bytes: Buffer): Buffer => bytes],
    ['gzipped', (bytes: Buffer): Buffer => gzipSync(bytes)],
  ])('%s pictures and labels are read by their place', async (_, pack) => {
    putFiles(root, {
      pictures: pack(encodeIdx([3, 4, 5], pixels)),
      labels: pack(encodeIdx([3], Uint8Array.of(7, 0, 7))),
    })
    await listed({ kind: 'idx', path: join(root, 'pictures'), labels: join(root, 'labels') }, async (listing) => {
      expect((await infosOf(listing)).map(({ group, caption }) => [group, caption])).toEqual([
        ['class 7', 'a picture of class 7'],
        ['class 0', 'a picture of class 0'],
        ['class 7', 'a picture of class 7'],
      ])
      const { bytes, raw } = await listing.read(2)
      expect([[...bytes], raw]).toEqual([[...pixels.subarray(40)], { width: 5, height: 4, channels: 1 }])
    })
  })

  test.each([
    ['labels of another count', [2, 4, 5], [3], 'but'],
    ['an absurd shape', [1, 4e9, 4e9], [1], 'claims [1, 4000000000, 4000000000]'],
    ['no pictures', [0, 4, 5], [0], 'sides of pictures are 1 to 8192'],
    ['labels for pictures', [20], [20], 'pictures are [count, rows, columns]'],
  ])('%s are one error', async (_, axes, labels, message) => {
    putFiles(root, { pictures: encodeIdx(axes, pixels), labels: encodeIdx(labels, new Uint8Array(20)) })
    await expect(
      listSource({ kind: 'idx', path: join(root, 'pictures'), labels: join(root, 'labels') }),
    ).rejects.toThrow(message)
  })

  test('a gzip bomb unpacks to what its header says and no more', async () => {
    const bomb = gzipSync(Buffer.concat([encodeIdx([1, 2, 2], new Uint8Array(4)), Buffer.alloc(100 << 20)]))
    putFiles(root, { pictures: bomb })
    await expect(listSource({ kind: 'idx', path: join(root, 'pictures'), labels: '' })).rejects.toThrow(
      'cannot be unpacked',
    )
  })
})

test('LSUN: categories are the folders at the top, without the name of the split', async () => {
  putFiles(root, { 'church_outdoor_train/a/b/c.png': at(0), 'bedroom_val/d.png': at(1) })
  const infos = await listed({ kind: 'lsun', path: root }, infosOf)
  expect(infos.map(({ group, label }) => [group, label])).toEqual([
    ['bedroom', 'bedroom'],
    ['church_outdoor', 'church outdoor'],
  ])
})

test('a mixture holds the pictures of its parts one after the other and tells what each refused', async () => {
  putFiles(root, { 'one/a.png': at(0), 'two/b.png': at(1), 'two/c.png': at(2) })
  const part = (name: string, weight: number) => ({
    weight,
    source: { kind: 'folder' as const, path: join(root, name) },
  })
  await listed({ kind: 'mixture', parts: [part('one', 3), part('two', 1)] }, async (listing) => {
    expect(idsOf(listing)).toEqual(['1/a.png', '2/b.png', '2/c.png'])
    expect((await infosOf(listing)).map(({ id }) => id)).toEqual(idsOf(listing))
    expect(listing.parts).toEqual([
      { from: 0, to: 1, weight: 3 },
      { from: 1, to: 3, weight: 1 },
    ])
  })
  await expect(listSource({ kind: 'mixture', parts: [part('one', 1), part('three', 1)] })).rejects.toThrow(
    'there is no folder',
  )
})
