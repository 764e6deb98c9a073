import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { PictureSource } from '../../../src-shared/picture-source.ts'
import { idsOf, infosOf, listed } from '../../../test/fakes/listing.ts'
import { putFiles } from '../../../test/fakes/picture-files.ts'
import { sourceFolder } from '../../../test/fakes/source-folder.ts'
import { encodeTar } from '../../../test/fakes/tar-file.ts'
import { listSource } from './list-source.ts'

const folder = sourceFolder()

describe('WebDataset', () => {
  const source = (path = ''): PictureSource => ({ kind: 'webdataset', path: join(folder.root, path) })

  test('members of one key are one picture, in every tar of a folder', async () => {
    const long = `${'deep/'.repeat(60)}name`
    putFiles(folder.root, {
      'b.tar': await encodeTar([
        ['001.png', folder.png(0)],
        ['001.txt', 'a caption\n'],
        ['001.json', '{"caption": "another"}'],
        ['002.json', '{"caption": "from json", "label": "cat"}'],
        ['002.png', folder.png(1)],
        ['003.png', folder.png(2)],
        ['003.cls', '5'],
        [`${long}.png`, folder.png(3)],
      ]),
      'a/a.tar': await encodeTar([
        ['./x.seg.png', folder.png(4)],
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
      expect(Buffer.compare((await listing.read(3)).bytes, folder.png(2))).toBe(0)
      expect(Buffer.compare((await listing.read(4)).bytes, folder.png(3))).toBe(0)
      expect(listing.refused.first).toEqual([{ file: 'a/a.tar/y', reason: 'no picture among its members (txt)' }])
    })
  })

  test('a name that leads out of the archive is only a name', async () => {
    putFiles(folder.root, {
      'a.tar': await encodeTar([
        ['../../escaped.png', folder.png(0)],
        ['/tmp/absolute.png', folder.png(1)],
      ]),
    })
    await listed(source('a.tar'), async (listing) => {
      expect(listing.count).toBe(2)
      for (const index of [0, 1]) await listing.read(index)
    })
    expect(existsSync(join(folder.root, '../../escaped.png'))).toBe(false)
  })

  test('a packed tar, a cut one and one without pictures are errors that say what to do', async () => {
    const tar = await encodeTar([['a.png', folder.png(0)]])
    putFiles(folder.root, {
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
