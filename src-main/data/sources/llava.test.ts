import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { PictureSource } from '../../../src-shared/picture-source.ts'
import { captionsOf, listed, refusedBy } from '../../../test/fakes/listing.ts'
import { putFiles } from '../../../test/fakes/picture-files.ts'
import { sourceFolder } from '../../../test/fakes/source-folder.ts'
import { listSource } from './list-source.ts'

const folder = sourceFolder()

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
    putFiles(folder.root, {
      'list.json': typeof records === 'string' ? records : JSON.stringify(records),
      'pictures/00/a.png': folder.png(0),
      'pictures/b.png': folder.png(1),
    })
    return { kind: 'llava', path: join(folder.root, 'list.json'), pictures: join(folder.root, 'pictures') }
  }

  test('a caption is what the first answer says, whatever brackets and quotes it holds', async () => {
    const told = 'a "red" {square} in [brackets] \\ with é'
    expect(await captionsOf(source([record('00/a.png', told), record('b.png', 'blue')]))).toEqual({
      '00/a.png': told,
      'b.png': 'blue',
    })
  })

  test('records that name no picture of the folder are counted with the reason', async () => {
    putFiles(folder.root, { 'secret.png': folder.png(2) })
    const records = [
      record('b.png', 'blue'),
      record('../secret.png', 'x'),
      record(join(folder.root, 'secret.png'), 'x'),
      record('none.png', 'x'),
      record(7, 'x'),
      record('00/a.png', ''),
      { id: 'text only', conversations: [] },
    ]
    const { count, first } = await refusedBy(source(records))
    expect(count).toBe(6)
    expect(first.map(({ file, reason }) => `${file}: ${reason}`)).toEqual([
      'record 1: its picture "../secret.png" is not in the folder',
      `record 2: its picture "${join(folder.root, 'secret.png')}" is not in the folder`,
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
