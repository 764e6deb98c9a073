import { join } from 'node:path'
import { expect, test } from 'vitest'
import { idsOf, infosOf, listed } from '../../../test/fakes/listing.ts'
import { putFiles } from '../../../test/fakes/picture-files.ts'
import { sourceFolder } from '../../../test/fakes/source-folder.ts'
import { listSource } from './list-source.ts'

const folder = sourceFolder()

test('a mixture holds the pictures of its parts one after the other and tells what each refused', async () => {
  putFiles(folder.root, { 'one/a.png': folder.png(0), 'two/b.png': folder.png(1), 'two/c.png': folder.png(2) })
  const part = (name: string, weight: number) => ({
    weight,
    source: { kind: 'folder' as const, path: join(folder.root, name) },
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
