import { expect, test } from 'vitest'
import { infosOf, listed } from '../../../test/fakes/listing.ts'
import { putFiles } from '../../../test/fakes/picture-files.ts'
import { sourceFolder } from '../../../test/fakes/source-folder.ts'

const folder = sourceFolder()

test('LSUN: categories are the folders at the top, without the name of the split', async () => {
  putFiles(folder.root, { 'church_outdoor_train/a/b/c.png': folder.png(0), 'bedroom_val/d.png': folder.png(1) })
  const infos = await listed({ kind: 'lsun', path: folder.root }, infosOf)
  expect(infos.map(({ group, label }) => [group, label])).toEqual([
    ['bedroom', 'bedroom'],
    ['church_outdoor', 'church outdoor'],
  ])
})
