import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { builtInSettings, emojiPictures } from '../../test/fakes/named-pictures.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { type BuiltInTask, builtInDialogues, type NamedPictures } from './built-in-tasks.ts'
import type { VisualDialogue } from './dialogue.ts'
import { eachVisualDialogue } from './dialogue-texts.ts'
import { openLlavaDialogues } from './llava-dialogues.ts'
import { OFFICIAL, officialNames, writeOfficialFiles } from './official-files.ts'
import { type PictureOrigin, pixelsOf } from './scene-pixels.ts'
import { letters } from './tasks/choice.ts'
import { strategies } from './tasks/others.ts'
import { subjectsOf } from './tasks/subjects.ts'
import { levels } from './tasks/term.ts'

const SIDE = 16
/** Pictures whose pixels tell which they are. */
let set: NamedPictures & PictureOrigin['set']
beforeAll(async () => {
  const named = await emojiPictures(['openmoji'])
  const pixels = (at: number) => {
    const bytes = new Uint8Array(SIDE * SIDE * 3)
    for (let pixel = 0; pixel < SIDE * SIDE; pixel++) bytes.set([at >> 8, at & 255, pixel], pixel * 3)
    return bytes
  }
  set = { ...named, resolution: SIDE, count: named.pictures.length, pixels }
})
const pictureOf = async (png: Uint8Array): Promise<number> => {
  const [high, low] = await sharp(png).raw().toBuffer()
  return (high as number) * 256 + (low as number)
}
const labelOf = (picture: number): string => set.pictures[picture]?.label as string

async function written(tasks: BuiltInTask[], limit: number) {
  const folder = temporaryFolder()
  const settings = builtInSettings({ tasks, writing: 'sentences' })
  await writeOfficialFiles(set, settings, { folder, side: 'training', limit })
  const text = (name: string) => readFileSync(join(folder, name), 'utf8')
  const image = (name: string) => readFileSync(join(folder, OFFICIAL.pictures, name))
  return { folder, text, image, source: builtInDialogues(set, settings) }
}

test('nothing is written under another name than those that are looked for before', async () => {
  const { folder } = await written(['yes-no', 'choice'], 2)
  expect(readdirSync(folder).sort()).toEqual([...officialNames].sort())
})

test('a json of LLaVA is read again as the dialogues that it was made from, with the same pixels', async () => {
  const { folder, source } = await written(['caption', 'name', 'counting', 'position', 'paint', 'decompression'], 12)
  const pictures = join(folder, OFFICIAL.pictures)
  const read = await openLlavaDialogues(join(folder, OFFICIAL.llava), pictures)
  const found: VisualDialogue[] = []
  for (const side of [read.training, read.heldOut])
    for (const dialogues of side.values())
      for await (const dialogue of eachVisualDialogue(dialogues)) found.push(dialogue)
  await read.close()
  expect(read.skipped).toEqual([])
  const expected: VisualDialogue[] = []
  for (const task of ['caption', 'name', 'counting', 'position'] as const)
    expected.push(...((await source.training.get(task)?.read(Array.from({ length: 12 }, (_, row) => row))) ?? []))
  const [a, b] = [found, expected].map((dialogues) => dialogues.map(({ turns }) => JSON.stringify(turns)).sort())
  expect(a).toEqual(b)
  const origin = { set, folder: pictures, crop: 'cover' } as const
  const seen = async (dialogues: VisualDialogue[]) => {
    const all: string[] = []
    for (const { turns, pictures } of dialogues)
      all.push(JSON.stringify([turns, ...(await pixelsOf(pictures[0]!.picture, SIDE, origin))]))
    return all.sort()
  }
  expect(await seen(found)).toEqual(await seen(expected))
})

test('a json of LLaVA has the published keys', async () => {
  const { text } = await written(['name'], 3)
  const entries = JSON.parse(text(OFFICIAL.llava)) as { id: string; image: string; conversations: unknown[] }[]
  expect(entries).toHaveLength(3)
  for (const { id, image, conversations, ...rest } of entries) {
    expect([typeof id, typeof image, rest]).toEqual(['string', 'string', {}])
    expect(conversations).toEqual([
      { from: 'human', value: expect.stringMatching(/^<image>\n/) },
      { from: 'gpt', value: expect.stringMatching(/./) },
    ])
  }
})

test('the files of POPE have a question a line, half of them with yes, and true labels', async () => {
  const { text, image } = await written(['yes-no'], 20)
  const subjects = subjectsOf(set, 0, 0)
  for (const strategy of strategies) {
    const lines = text(OFFICIAL.pope(strategy)).trimEnd().split('\n')
    const questions = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(questions.map(({ question_id }) => question_id)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
    expect(questions.filter(({ label }) => label === 'yes')).toHaveLength(10)
    for (const { question_id, image: name, text: asked, label, ...rest } of questions) {
      expect(rest).toEqual({})
      expect(asked).toMatch(/^Is there .+ in the image\?$/)
      const picture = await pictureOf(image(name as string))
      const called = levels.flatMap((level) => subjects.term(picture, level)?.phrase ?? [])
      const isThere = called.some((phrase) => asked === `Is there ${phrase} in the image?`)
      expect(label).toBe(isThere ? 'yes' : 'no')
    }
  }
})

test('a tsv of MMBench has a line for each rotation, whose answer is the same option', async () => {
  const { text } = await written(['choice'], 10)
  const [head, ...lines] = text(OFFICIAL.mmbench).trimEnd().split('\n')
  expect(head?.split('\t')).toEqual(['index', 'question', 'hint', 'A', 'B', 'C', 'D', 'answer', 'category', 'image'])
  const rows = lines.map((line) => {
    const [index, question, , a, b, c, d, answer, category, image] = line.split('\t') as string[]
    const options = [a, b, c, d] as string[]
    return { index: Number(index), question, options, answer: answer as 'A', category, image: image as string }
  })
  expect(rows).toHaveLength(40)
  const questions = Map.groupBy(rows, ({ index }) => index % 1e6)
  expect([...questions.keys()]).toEqual(Array.from({ length: 10 }, (_, at) => at))
  for (const rotations of questions.values()) {
    expect(rotations.map(({ index }) => Math.floor(index / 1e6))).toEqual([0, 1, 2, 3])
    expect(new Set(rotations.map(({ answer }) => answer)).size).toBe(4)
    const right = new Set(rotations.map(({ options, answer }) => options[letters.indexOf(answer)]))
    expect(right.size).toBe(1)
    for (const key of ['question', 'category', 'image'] as const)
      expect(new Set(rotations.map((row) => row[key])).size).toBe(1)
    const picture = await pictureOf(Buffer.from(rotations[0]?.image as string, 'base64'))
    if (rotations[0]?.question === 'Which of these is it?')
      expect([...right][0]?.toLowerCase()).toContain(
        labelOf(picture)
          .split(/[ :,-]/)[0]
          ?.toLowerCase(),
      )
  }
})
