import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PictureSource } from '../../../src-shared/picture-source.ts'
import { captionsOf, refusedBy } from '../../../test/fakes/listing.ts'
import { putFiles } from '../../../test/fakes/picture-files.ts'
import { sourceFolder } from '../../../test/fakes/source-folder.ts'

const folder = sourceFolder()

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
  putFiles(folder.root, {
    'captions.json': JSON.stringify({
      info: { year: 2017, list: [{ a: 1 }] },
      licenses: [{ id: 1 }],
      images,
      annotations,
    }),
    'pictures/a.png': folder.png(0),
    'pictures/b.png': folder.png(1),
    'pictures/c.png': folder.png(2),
  })
  const source: PictureSource = {
    kind: 'coco',
    path: join(folder.root, 'captions.json'),
    pictures: join(folder.root, 'pictures'),
  }
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
