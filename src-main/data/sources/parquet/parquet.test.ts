import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { PictureSource } from '../../../../src-shared/picture-source.ts'
import { infosOf, listed } from '../../../../test/fakes/listing.ts'
import { encodeParquet } from '../../../../test/fakes/parquet-file.ts'
import { putFiles } from '../../../../test/fakes/picture-files.ts'
import { sourceFolder } from '../../../../test/fakes/source-folder.ts'
import { decodePicture } from '../../decode-picture.ts'
import { listSource } from '../list-source.ts'

const folder = sourceFolder()

describe('Parquet', () => {
  const source = (): PictureSource => ({ kind: 'parquet', path: folder.root })
  const hub = (features: unknown) => ({ huggingface: JSON.stringify({ info: { features } }) })
  const pictures = (from: number, to: number) => ({
    path: ['image', 'bytes'],
    type: 'BYTE_ARRAY' as const,
    values: folder.pngs.slice(from, to),
  })
  const bytes = (texts: (string | null)[]) => texts.map((text) => (text === null ? null : Buffer.from(text)))

  test('rows of all files in order, with classes from the hub’s own metadata and captions', async () => {
    putFiles(folder.root, {
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
        expect(Buffer.compare((await listing.read(index)).bytes, folder.png(picture)), `picture ${index}`).toBe(0)
      // Pages are what an order keeps together.
      expect([...(listing.blocks ?? [])]).toEqual([0, 3, 5, 6, 8])
    })
  })

  test.each([
    ['gzip', { codec: 2, pack: (page: Uint8Array) => gzipSync(page) }],
    ['zstd', { codec: 6, pack: (page: Uint8Array) => zstdCompressSync(page) }],
  ])('pages packed by %s are read', async (_, pack) => {
    putFiles(folder.root, { 'a.parquet': encodeParquet([{ ...pictures(0, 4), pack }], { rowsPerPage: 3 }) })
    await listed(source(), async (listing) =>
      expect(Buffer.compare((await listing.read(3)).bytes, folder.png(3))).toBe(0),
    )
  })

  // Seven rows in groups of three, with a list column beside, written by pyarrow 26.
  const written = fileURLToPath(new URL('../../../../test/fixtures/parquet', import.meta.url))
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
    putFiles(folder.root, { 'a.parquet': encodeParquet([{ ...pictures(0, 2), values: [folder.png(0), null] }]) })
    await listed(source(), async (listing) => {
      await expect(listing.read(1)).rejects.toThrow('has no bytes of a picture in its row')
      expect(Buffer.compare((await listing.read(0)).bytes, folder.png(0))).toBe(0)
    })
    putFiles(folder.root, { 'b.parquet': encodeParquet([{ path: ['label'], type: 'INT64', values: [1] }]) })
    await expect(listSource(source())).rejects.toThrow('has no column of pictures, among label')
  })
})
