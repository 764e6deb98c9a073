import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PictureSource } from '../../../src-shared/picture-source.ts'
import { captionsOf, refusedBy } from '../../../test/fakes/listing.ts'
import { putFiles } from '../../../test/fakes/picture-files.ts'
import { sourceFolder } from '../../../test/fakes/source-folder.ts'

const folder = sourceFolder()

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
  putFiles(folder.root, {
    'train.tsv': `${lines.join('\r\n')}\n`,
    'secret.png': folder.png(7),
    'pictures/deep/a.png': folder.png(0),
    'pictures/b c.png': folder.png(1),
    'pictures/2.png': folder.png(2),
    'pictures/000000003.jpg': folder.png(3),
    'pictures/GCC_train_000000004.jpg': folder.png(4),
  })
  const source: PictureSource = {
    kind: 'cc3m',
    path: join(folder.root, 'train.tsv'),
    pictures: join(folder.root, 'pictures'),
  }
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
