import { beforeAll, describe, expect, test } from 'vitest'
import type { TaskName } from '../../src-shared/multimodal.ts'
import { builtInSettings, captionedAs, emojiPictures, ofClass, pictureSetOf } from '../../test/fakes/named-pictures.ts'
import { WordCounts } from '../language/word-tokenizer.ts'
import { type BuiltInSettings, type BuiltInTask, builtInDialogues, type NamedPictures } from './built-in-tasks.ts'
import { placeholders, type VisualDialogue, type VisualDialogueSet, type VisualDialogueSource } from './dialogue.ts'
import { eachTurns, eachVisualDialogue } from './dialogue-texts.ts'

let set: NamedPictures
let source: VisualDialogueSource
beforeAll(async () => {
  set = await emojiPictures()
  source = builtInDialogues(set, builtInSettings())
})

const open = (changes: Partial<BuiltInSettings>) => builtInDialogues(set, builtInSettings(changes))
const all = async (dialogues: VisualDialogueSet | undefined): Promise<VisualDialogue[]> => {
  const found: VisualDialogue[] = []
  for await (const dialogue of eachVisualDialogue(dialogues as VisualDialogueSet)) found.push(dialogue)
  return found
}
const first = (side: VisualDialogueSource['training'], task: TaskName, count = 150): Promise<VisualDialogue[]> =>
  (side.get(task) as VisualDialogueSet).read(Array.from({ length: count }, (_, row) => row))
const picturesOf = ({ pictures }: VisualDialogue): number[] =>
  pictures.flatMap(({ picture }) =>
    picture.kind === 'picture'
      ? [picture.picture]
      : picture.kind === 'scene'
        ? picture.placements.map((placement) => placement.picture)
        : [],
  )
const labelOf = (dialogue: VisualDialogue | undefined): string | undefined =>
  dialogue && set.pictures[picturesOf(dialogue)[0] as number]?.label
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')

describe('dialogues', () => {
  test('are a function of the seed, the task and the place', async () => {
    const again = open({})
    const other = open({ seed: 2 })
    for (const task of source.training.keys()) {
      const dialogues = await first(source.training, task)
      expect(await (again.training.get(task) as VisualDialogueSet).read([7, 3])).toEqual([dialogues[7], dialogues[3]])
      expect(await first(other.training, task)).not.toEqual(dialogues)
      expect(await first(other.heldOut, task)).toEqual(await first(source.heldOut, task))
    }
  })

  test('have a picture for each placeholder, an answer, and where they are from', async () => {
    for (const side of [source.training, source.heldOut])
      for (const task of side.keys())
        for (const dialogue of await first(side, task)) {
          expect(placeholders(dialogue.turns)).toBe(dialogue.pictures.length)
          expect(dialogue.turns.every(({ answer }) => answer.trim() !== '')).toBe(true)
          expect([dialogue.task, dialogue.source]).toEqual([task, expect.stringMatching(`^built in: ${task} \\d+$`)])
        }
  })

  test('come no two alike where they are about single pictures', async () => {
    const dialogues = await all(source.training.get('name'))
    expect(new Set(dialogues.map(({ turns, pictures }) => JSON.stringify([turns, pictures]))).size).toBe(
      dialogues.length,
    )
    expect(dialogues.length).toBeGreaterThan(5000)
  })

  test('are there for the tasks that are asked for, and for no place beyond the last', async () => {
    const some = open({ tasks: ['name', 'paint'] })
    expect([...some.training.keys()]).toEqual(['name', 'paint'])
    expect([...some.heldOut.keys()]).toEqual(['name', 'paint'])
    const names = some.training.get('name') as VisualDialogueSet
    await expect(names.read([names.count])).rejects.toThrow(`there is no dialogue ${names.count} of the task "name"`)
  })
})

describe('the split', () => {
  test('shows no held-out picture in training, whatever the task', async () => {
    const shown = async (
      side: VisualDialogueSource['training'],
      read: (task: TaskName) => Promise<VisualDialogue[]>,
    ) => {
      const found = new Set<number>()
      for (const task of side.keys())
        for (const dialogue of await read(task)) for (const picture of picturesOf(dialogue)) found.add(picture)
      return found
    }
    // Rows of these tasks go through all pictures again and again.
    const whole: TaskName[] = ['decompression', 'counting', 'position']
    const trained = await shown(source.training, (task) =>
      whole.includes(task) ? all(source.training.get(task)) : first(source.training, task, 4000),
    )
    const byPicture = open({ tasks: ['caption', 'name', 'yes-no', 'choice', 'paint', 'decompression'] }).heldOut
    const heldOut = await shown(byPicture, (task) => first(byPicture, task, byPicture.get('decompression')?.count))
    expect([...heldOut].filter((picture) => trained.has(picture))).toEqual([])
    expect(trained.size + heldOut.size).toBe(set.pictures.length)
    for (const picture of set.heldOut) expect(heldOut).toContain(picture)
  })

  test('asks about held-out pictures by what training has answered', async () => {
    for (const task of ['name', 'caption'] as const) {
      const answers = async (side: VisualDialogueSource['training']) =>
        (await all(side.get(task))).map(({ turns }) => `${turns[0]?.answer}`.replace(/^a (3d|flat) drawing of /, ''))
      const trained = new Set(await answers(source.training))
      expect((await answers(source.heldOut)).filter((answer) => !trained.has(answer))).toEqual([])
    }
  })

  test('asks for names of concepts whose other style is trained, and else for kinds', async () => {
    const concepts = new Set(set.heldOut.map((picture) => set.pictures[picture]?.concept))
    const named = (await all(source.heldOut.get('name'))).filter(
      ({ turns }) => !/ kind /.test(turns[0]?.question ?? ''),
    )
    const unseen = named.filter((dialogue) => concepts.has(set.pictures[picturesOf(dialogue)[0] as number]?.concept))
    expect(named.length).toBeGreaterThan(100)
    // Some unseen concepts share their name with a trained one.
    expect(unseen.length / named.length).toBeLessThan(0.05)
  })

  test('in one style there is nothing but unseen concepts', async () => {
    const one = await emojiPictures(['fluent-3d'])
    const dialogues = await all(
      builtInDialogues(one, builtInSettings({ tasks: ['decompression'] })).heldOut.get('decompression'),
    )
    expect(dialogues.flatMap(picturesOf).filter((picture) => !one.heldOut.includes(picture))).toEqual([])
  })

  test('a vocabulary of all texts knows each word, and training has them all', async () => {
    const part = pictureSetOf(
      set.pictures.filter((_, picture) => picture % 9 === 0),
      60,
    )
    const few = builtInDialogues(part, builtInSettings())
    const [known, trained] = [new Set<string>(), new Set<string>()]
    const wordsOf = (turns: VisualDialogue['turns']) =>
      turns.flatMap(({ question, answer }) => words(`${question} ${answer}`))
    for await (const turns of eachTurns(few)) for (const word of wordsOf(turns)) known.add(word)
    for (const dialogues of few.training.values())
      for (const { turns } of await all(dialogues)) for (const word of wordsOf(turns)) trained.add(word)
    expect([...known].filter((word) => !/^([\p{Ll}\p{Lo}\p{N}]+|[?.,]|<image>)$/u.test(word))).toEqual([])
    for (const [task, dialogues] of few.heldOut)
      for (const { turns } of await all(dialogues))
        for (const word of wordsOf(turns)) if (!trained.has(word) || !known.has(word)) expect.fail(`${task}: ${word}`)
  })
})

test('a vocabulary is the same whatever tasks are asked for', async () => {
  const vocabulary = async (tasks?: BuiltInTask[]) => {
    const counts = new WordCounts()
    for await (const turns of eachTurns(open(tasks ? { tasks, concepts: 24 } : { concepts: 24 }))) counts.add(turns)
    return counts.vocabulary(1)
  }
  const all = await vocabulary()
  expect(all.length).toBeGreaterThan(50)
  expect(await vocabulary(['name', 'counting'])).toEqual(all)
  expect(await vocabulary(['decompression'])).toEqual(all)
})

test('pictures that are good for some tasks alone give those', async () => {
  const alike = pictureSetOf(
    [1, 2, 3, 4].map((at) => ofClass('square', at)),
    2,
  )
  const source = builtInDialogues(alike, builtInSettings({ tasks: ['paint'] }))
  expect([...source.training.keys()]).toEqual(['paint'])
  expect(() => builtInDialogues(alike, builtInSettings({ tasks: ['yes-no'] }))).toThrow('needs something else than')
  const words = new Set<string>()
  for await (const turns of eachTurns(source))
    for (const { question } of turns) words.add(question.split(' ')[0] as string)
  expect(words.size).toBeGreaterThan(1)
})

test('words of scenes far beyond those that are counted are known as well', async () => {
  const few = open({ concepts: 40 })
  const known = new Set<string>()
  const wordsOf = (turns: VisualDialogue['turns']) =>
    turns.flatMap(({ question, answer }) => words(`${question} ${answer}`))
  // All that the endless tasks themselves would have taught is left out: the phrases alone must do.
  const finite = new Map([...few.training].filter(([, { endless }]) => !endless))
  for await (const turns of eachTurns({ training: finite, heldOut: few.heldOut, phrases: few.phrases ?? [] }))
    for (const word of wordsOf(turns)) known.add(word)
  for (const task of ['scene-name', 'scene-yes-no', 'counting', 'position'] as const) {
    const set = few.training.get(task) as VisualDialogueSet
    expect(set.endless).toBe(true)
    const rows = Array.from({ length: 64 }, (_, at) => set.count + 1_000_003 * at)
    for (const { turns } of await set.read(rows))
      for (const word of wordsOf(turns)) if (!known.has(word)) expect.fail(`${task}: ${word}`)
  }
})

describe('a style of writing', () => {
  test('words are plain, sentences as people write', async () => {
    const plain = (await first(source.training, 'caption')).find((dialogue) => labelOf(dialogue) !== undefined)
    const written = (await first(open({ writing: 'sentences' }).training, 'caption'))[0] as VisualDialogue
    expect(plain?.turns[0]?.question).toMatch(/^<image>\n[a-z ,]+ [.?]$/)
    expect(written.turns[0]?.question).toMatch(/^<image>\n[A-Z][a-z ,]+[.?]$/)
    expect(written.turns[0]?.answer).toMatch(/^A (3D|flat) drawing of /)
  })
})

describe('painting', () => {
  test('asks in words and is answered by the codes of the picture', async () => {
    for (const dialogue of await first(open({ unconditional: 0 }).training, 'paint')) {
      expect(dialogue.turns[0]?.answer).toBe('<image>')
      expect(dialogue.turns[0]?.question).toMatch(/^(paint|draw) (?!a picture)/)
      expect(dialogue.pictures).toMatchObject([{ picture: { kind: 'picture' }, form: 'flattened' }])
    }
  })

  test('a share of the training requests say nothing of the picture, and no held-out ones', async () => {
    const open = (dialogues: VisualDialogue[]) =>
      dialogues.filter(({ turns }) => turns[0]?.question === 'paint a picture .').length / dialogues.length
    expect(open(await all(source.training.get('paint')))).toBeCloseTo(0.1, 1)
    expect(open(await all(source.heldOut.get('paint')))).toBe(0)
  })
})

describe('decompression', () => {
  test('gives segment after segment, aggregated, and asks for the codes of the same cells', async () => {
    for (const { turns, pictures } of await first(open({ segments: 3 }).training, 'decompression', 20)) {
      expect(turns).toEqual(Array.from({ length: 3 }, () => ({ question: '<image>', answer: '<image>' })))
      expect(pictures.map(({ form, cells }) => [form, cells?.from, cells?.to])).toEqual([
        ...[
          ['aggregated', 0, 5],
          ['flattened', 0, 5],
          ['aggregated', 5, 10],
          ['flattened', 5, 10],
        ],
        ...[
          ['aggregated', 10, 16],
          ['flattened', 10, 16],
        ],
      ])
      expect(new Set(pictures.map(({ picture }) => JSON.stringify(picture))).size).toBe(1)
    }
  })

  test('no more segments than cells', () => {
    expect(() => open({ segments: 17 })).toThrow('multimodal.segments (17) is more than the 16 cells')
  })
})

describe('other sets', () => {
  const classes = ['cat', 'dog', 'owl', 'bee', 'fox']

  test('classes of a folder are names, also of held-out pictures', async () => {
    const folder = pictureSetOf(
      Array.from({ length: 20 }, (_, at) => ofClass(classes[at % 5] as string, at)),
      5,
    )
    const dialogues = builtInDialogues(folder, builtInSettings())
    const names = await all(dialogues.heldOut.get('name'))
    expect(names).toHaveLength(15)
    for (const dialogue of names)
      expect(dialogue.turns[0]?.answer).toContain(folder.pictures[picturesOf(dialogue)[0] as number]?.label)
  })

  test('captions can be told and painted; the tasks that need names are refused together', async () => {
    const captions = pictureSetOf(['Two dogs run.', 'A red bus', 'a lamp'].map(captionedAs), 1)
    const told = builtInDialogues(
      captions,
      builtInSettings({ tasks: ['caption', 'paint'], unconditional: 0, writing: 'sentences' }),
    )
    const answers = (await all(told.training.get('caption'))).map(({ turns }) => turns[0]?.answer)
    expect(new Set(answers)).toEqual(new Set(['Two dogs run', 'A red bus']))
    expect((await all(told.heldOut.get('paint'))).map(({ turns }) => turns[0]?.question).sort()).toEqual([
      'Draw a lamp.',
      'Paint a lamp.',
    ])
    expect(() => builtInDialogues(captions, builtInSettings({ tasks: ['caption', 'name', 'counting'] }))).toThrow(
      /no names or classes.*the tasks name, counting.*set multimodal\.tasks\.name, multimodal\.tasks\.counting to 0/,
    )
  })

  test('of which nothing is held out have held-out sides without dialogues', () => {
    const folder = pictureSetOf(
      Array.from({ length: 20 }, (_, at) => ofClass(classes[at % 5] as string, at)),
      0,
    )
    const { heldOut } = builtInDialogues(folder, builtInSettings())
    expect(heldOut.get('name')?.count).toBe(0)
    expect(heldOut.get('counting')?.count).toBeGreaterThan(0)
  })
})
