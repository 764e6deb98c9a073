import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { infosOf, listed } from '../../../test/fakes/listing.ts'
import { encodeIdx, putFiles } from '../../../test/fakes/picture-files.ts'
import { sourceFolder } from '../../../test/fakes/source-folder.ts'
import { listSource } from './list-source.ts'

const folder = sourceFolder()

describe('idx', () => {
  const pixels = Uint8Array.from({ length: 3 * 4 * 5 }, (_, index) => index)
  test.each([
    ['plain', (bytes: Buffer): Buffer => bytes],
    ['gzipped', (bytes: Buffer): Buffer => gzipSync(bytes)],
  ])('%s pictures and labels are read by their place', async (_, pack) => {
    putFiles(folder.root, {
      pictures: pack(encodeIdx([3, 4, 5], pixels)),
      labels: pack(encodeIdx([3], Uint8Array.of(7, 0, 7))),
    })
    await listed(
      { kind: 'idx', path: join(folder.root, 'pictures'), labels: join(folder.root, 'labels') },
      async (listing) => {
        expect((await infosOf(listing)).map(({ group, caption }) => [group, caption])).toEqual([
          ['class 7', 'a picture of class 7'],
          ['class 0', 'a picture of class 0'],
          ['class 7', 'a picture of class 7'],
        ])
        const { bytes, raw } = await listing.read(2)
        expect([[...bytes], raw]).toEqual([[...pixels.subarray(40)], { width: 5, height: 4, channels: 1 }])
      },
    )
  })

  test.each([
    ['labels of another count', [2, 4, 5], [3], 'but'],
    ['an absurd shape', [1, 4e9, 4e9], [1], 'claims [1, 4000000000, 4000000000]'],
    ['no pictures', [0, 4, 5], [0], 'sides of pictures are 1 to 8192'],
    ['labels for pictures', [20], [20], 'pictures are [count, rows, columns]'],
  ])('%s are one error', async (_, axes, labels, message) => {
    putFiles(folder.root, { pictures: encodeIdx(axes, pixels), labels: encodeIdx(labels, new Uint8Array(20)) })
    await expect(
      listSource({ kind: 'idx', path: join(folder.root, 'pictures'), labels: join(folder.root, 'labels') }),
    ).rejects.toThrow(message)
  })

  test('a gzip bomb unpacks to what its header says and no more', async () => {
    const bomb = gzipSync(Buffer.concat([encodeIdx([1, 2, 2], new Uint8Array(4)), Buffer.alloc(100 << 20)]))
    putFiles(folder.root, { pictures: bomb })
    await expect(listSource({ kind: 'idx', path: join(folder.root, 'pictures'), labels: '' })).rejects.toThrow(
      'cannot be unpacked',
    )
  })
})
