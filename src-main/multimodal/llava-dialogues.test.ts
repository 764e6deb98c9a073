import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { plainPng, putFiles } from '../../test/fakes/picture-files.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import type { VisualDialogue, VisualDialogueSource } from './dialogue.ts'
import { eachVisualDialogue } from './dialogue-texts.ts'
import { openLlavaDialogues } from './llava-dialogues.ts'
import { pixelsOf } from './scene-pixels.ts'

const turn = (from: string, value: unknown) => ({ from, value })
const asked = (value: string) => [turn('human', value), turn('gpt', 'It is grey.')]
const good = (number: number) => ({
  id: `${number}`,
  image: `coco/${number % 5}.png`,
  conversations: asked(`<image>\nWhat is ${number}?`),
})

async function folderOf(): Promise<string> {
  const folder = temporaryFolder()
  for (let at = 0; at < 5; at++) putFiles(folder, { [`pictures/coco/${at}.png`]: await plainPng(at) })
  return folder
}

const all = async ({ training, heldOut }: VisualDialogueSource): Promise<VisualDialogue[]> => {
  const found: VisualDialogue[] = []
  for (const side of [training, heldOut])
    for (const set of side.values()) for await (const dialogue of eachVisualDialogue(set)) found.push(dialogue)
  return found
}

async function read(entries: readonly unknown[], folder?: string, name = 'dialogues.json') {
  const root = folder ?? (await folderOf())
  const path = join(root, name)
  const lines = entries.map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry)))
  writeFileSync(path, name.endsWith('.jsonl') ? lines.join('\n') : `[${lines.join(',\n')}]`)
  const source = await openLlavaDialogues(path, join(root, 'pictures'))
  try {
    return { path, dialogues: await all(source), skipped: source.skipped, source }
  } finally {
    await source.close()
  }
}

test('dialogues show the pictures of the folder, one, several or none', async () => {
  const entries = [
    good(1),
    { image: ['coco/1.png', './coco/2.png'], conversations: asked('<image>\n<image>\nWhich is darker?') },
    { image: ['coco\\3.png'], conversations: asked('<image>') },
    { conversations: asked('And without a picture?') },
  ]
  for (const name of ['dialogues.json', 'dialogues.jsonl']) {
    const { dialogues, skipped, path } = await read(entries, undefined, name)
    expect(skipped).toEqual([])
    const files = (dialogue: VisualDialogue) =>
      dialogue.pictures.map(({ picture, form }) => [picture.kind === 'file' && picture.path, form])
    expect(new Map(dialogues.map((dialogue) => [dialogue.turns[0]?.question, files(dialogue)]))).toEqual(
      new Map([
        ['<image>\nWhat is 1?', [['coco/1.png', 'read']]],
        [
          '<image>\n<image>\nWhich is darker?',
          [
            ['coco/1.png', 'read'],
            ['coco/2.png', 'read'],
          ],
        ],
        ['<image>', [['coco/3.png', 'read']]],
        ['And without a picture?', []],
      ]),
    )
    const first = dialogues.find(({ turns }) => turns[0]?.question.includes('What is 1'))
    expect(first).toMatchObject({ task: 'dialogue', source: expect.stringMatching(/: entry 0 \(byte \d\)$/) })
    expect(first?.source.startsWith(path)).toBe(true)
  }
})

test('pixels are those of the file', async () => {
  const folder = await folderOf()
  const { dialogues } = await read([good(3), good(4)], folder)
  const origin = { set: { resolution: 8, count: 0, pixels: () => new Uint8Array() }, folder: join(folder, 'pictures') }
  for (const { pictures, turns } of dialogues) {
    const number = Number(/\d+/.exec(turns[0]?.question ?? '')?.[0])
    const pixels = await pixelsOf(pictures[0]!.picture, 8, { ...origin, crop: 'cover' })
    expect([...pixels.slice(0, 3)]).toEqual([(number * 37) % 256, (number * 101) % 256, number])
  }
})

test.each([
  ['What is this?\n<image>', '<image>\nWhat is this?'],
  ['Look at <image> and tell.', '<image>\nLook at  and tell.'],
  ['<image>What?', '<image>\nWhat?'],
  ['<image>', '<image>'],
])('the placeholder of %j goes to the front', async (value, question) => {
  const { dialogues } = await read([good(1), { image: 'coco/2.png', conversations: asked(value) }])
  expect(dialogues.map(({ turns }) => turns[0]?.question).sort()).toEqual(['<image>\nWhat is 1?', question].sort())
})

test('a picture in an answer is to be painted', async () => {
  const painted = { image: 'coco/2.png', conversations: [turn('human', 'Paint it.'), turn('gpt', '<image>')] }
  const { dialogues } = await read([good(1), painted])
  const found = dialogues.find(({ turns }) => turns[0]?.question === 'Paint it.')
  expect(found?.turns[0]?.answer).toBe('<image>')
  expect(found?.pictures).toEqual([{ picture: { kind: 'file', path: 'coco/2.png' }, form: 'flattened' }])
})

test('a later turn may speak of the picture of the first', async () => {
  const conversations = [...asked('<image>\nWhat?'), ...asked('Why?')]
  const { dialogues } = await read([good(1), { image: 'coco/2.png', conversations }])
  expect(dialogues.find(({ turns }) => turns.length === 2)?.turns[1]?.question).toBe('Why?')
})

test('what cannot be used is counted by what is wrong with it, with the first ones by file, entry and byte', async () => {
  const bad = [
    { image: 'coco/9.png', conversations: asked('<image>') },
    { image: '../dialogues.json', conversations: asked('<image>') },
    { image: 7, conversations: asked('<image>') },
    { image: 'coco/1.png', conversations: [turn('narrator', '<image>'), turn('gpt', 'a')] },
    { image: 'coco/1.png', conversations: [turn('human', '<image>')] },
    { image: 'coco/1.png', conversations: [turn('human', '<image>'), turn('gpt', ' ')] },
    { image: 'coco/1.png', conversations: asked('none') },
    { image: 'coco/1.png', conversations: asked('<image> <image>') },
    { conversations: asked('<image>') },
    { image: 'coco/1.png', conversations: [turn('human', ['<image>']), turn('gpt', 'a')] },
    '{"image": "coco/1.png", "conversations": none}',
  ]
  const { dialogues, skipped, path } = await read([good(1), good(2), ...bad])
  expect(dialogues).toHaveLength(2)
  const counts = Object.fromEntries(skipped.map(({ reason, count }) => [reason, count]))
  expect(counts).toEqual({
    'shows a picture that is no file of the folder (symbolic links are not followed)': 2,
    'has an image that is neither a name nor a list of names': 1,
    'has a turn of an unknown speaker': 1,
    'has no answer': 1,
    'has an empty answer': 1,
    'has fewer <image> than pictures': 1,
    'has more <image> than pictures': 2,
    'has a turn without text': 1,
    'is not JSON': 1,
  })
  const text = `[${[good(1), good(2)].map((entry) => JSON.stringify(entry)).join(',\n')},\n`
  expect(skipped[0]?.first[0]).toBe(`${path}: entry 2 (byte ${text.length})`)
  expect(skipped[0]?.first).toHaveLength(2)
})

test('of a thing that is wrong often the first few are named, and all are counted', async () => {
  const { skipped } = await read([
    good(1),
    good(2),
    ...Array.from({ length: 40 }, () => ({ image: 'none.png', conversations: asked('<image>') })),
  ])
  expect([skipped[0]?.count, skipped[0]?.first.length]).toEqual([40, 5])
})

test('a link in the folder is no picture of it', async () => {
  const folder = await folderOf()
  symlinkSync(join(folder, 'pictures', 'coco', '1.png'), join(folder, 'pictures', 'link.png'))
  const { skipped } = await read([good(1), good(2), { image: 'link.png', conversations: asked('<image>') }], folder)
  expect(skipped).toHaveLength(1)
})

test('a held-out picture is in no training dialogue', async () => {
  const folder = temporaryFolder()
  const png = await plainPng(1)
  for (let at = 0; at < 60; at++) putFiles(folder, { [`pictures/${at}.png`]: png })
  const entries = Array.from({ length: 300 }, (_, at) => ({ ...good(at), image: `${at % 60}.png` }))
  writeFileSync(join(folder, 'd.json'), JSON.stringify(entries))
  const source = await openLlavaDialogues(join(folder, 'd.json'), join(folder, 'pictures'))
  const shown = async (side: 'training' | 'heldOut') =>
    new Set(
      (await all({ ...source, training: new Map(), heldOut: source[side] })).map(({ pictures }) =>
        JSON.stringify(pictures),
      ),
    )
  const [trained, heldOut] = [await shown('training'), await shown('heldOut')]
  await source.close()
  expect([...heldOut].filter((pictures) => trained.has(pictures))).toEqual([])
  expect(heldOut.size).toBeGreaterThan(1)
  expect(heldOut.size).toBeLessThan(15)
})

test('a file or a folder that is not there is named', async () => {
  const folder = await folderOf()
  await expect(openLlavaDialogues(join(folder, 'none.json'), folder)).rejects.toThrow('there is no file')
  await expect(openLlavaDialogues(join(folder, 'none.json'), join(folder, 'no'))).rejects.toThrow(
    'multimodal.picturesPath',
  )
})
