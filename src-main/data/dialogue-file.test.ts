import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { type DialogueFormat, openDialogueFile } from './dialogue-file.ts'
import { type Dialogue, type DialogueSource, eachDialogue } from './dialogues.ts'
import { DataError } from './source.ts'

function write(content: string | Uint8Array): string {
  const path = join(temporaryFolder(), 'texts')
  writeFileSync(path, content)
  return path
}

async function all(source: DialogueSource): Promise<Dialogue[]> {
  const found: Dialogue[] = []
  for (const side of [source.training, source.heldOut]) for await (const turns of eachDialogue(side)) found.push(turns)
  return found
}

async function read(content: string | Uint8Array, format: DialogueFormat, limit = 0) {
  const source = await openDialogueFile(write(content), format, limit)
  try {
    return { dialogues: await all(source), skipped: source.skipped, training: source.training.count }
  } finally {
    await source.close()
  }
}

const turn = (from: string, value: string) => ({ from, value })
const llava = (index: number) => ({
  id: `${index}`,
  image: 'a.jpg',
  conversations: [turn('human', `<image>\nWhat is {number} "${index}"?`), turn('gpt', `It is ${index} \\ ]}.`)],
})
const questions = (dialogues: readonly Dialogue[]) => dialogues.map((turns) => turns[0]?.question).sort()

describe('a file of dialogues', () => {
  it('is read entry by entry, whatever its texts hold and however it is laid out', async () => {
    const entries = Array.from({ length: 50 }, (_, index) => llava(index))
    for (const text of [
      JSON.stringify(entries),
      JSON.stringify(entries, null, 4),
      `\ufeff${JSON.stringify(entries)}\n`,
    ]) {
      const { dialogues, skipped } = await read(text, 'llava')
      expect(questions(dialogues)).toEqual(entries.map((_, index) => `What is {number} "${index}"?`).sort())
      expect(skipped).toEqual([])
    }
  })

  it('is the same in entries that lie across the pieces in which it is read', async () => {
    const long = 'é'.repeat(300_000)
    const entries = Array.from({ length: 8 }, (_, index) => ({
      conversations: [turn('human', `q${index}`), turn('gpt', `${long}${index}`)],
    }))
    const { dialogues } = await read(JSON.stringify(entries), 'llava')
    expect(dialogues.map((turns) => turns[0]?.answer).sort()).toEqual(entries.map((_, index) => `${long}${index}`))
    const lines = await read(entries.map((entry) => JSON.stringify(entry)).join('\r\n'), 'jsonl')
    expect(questions(lines.dialogues)).toEqual(questions(dialogues))
  })

  it('reads turns of LLaVA, ShareGPT and chats, and single questions', async () => {
    const { dialogues } = await read(
      [
        { conversations: [turn('gpt', 'Hello.'), turn('human', 'q1'), turn('gpt', 'a1'), turn('human', 'no answer')] },
        {
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: 'q2' },
            { role: 'assistant', content: 'a2' },
            { role: 'user', content: 'q3' },
            { role: 'assistant', content: 'a3' },
          ],
        },
        { question: 'q4', answer: ' a4 ' },
      ]
        .map((entry) => JSON.stringify(entry))
        .join('\n\n'),
      'jsonl',
    )
    const expected = [
      [{ question: 'q1', answer: 'a1' }],
      [
        { question: 'Be brief.\n\nq2', answer: 'a2' },
        { question: 'q3', answer: 'a3' },
      ],
      [{ question: 'q4', answer: 'a4' }],
    ]
    expect(dialogues).toHaveLength(3)
    expect(dialogues).toEqual(expect.arrayContaining(expected))
  })

  it('counts and skips what is no dialogue, with the reason and the place of the first', async () => {
    const good = [llava(1), llava(2)].map((entry) => JSON.stringify(entry)).join('\n')
    const bad = ['{"a": 1}', '{broken', '{"question": "q", "answer": " "}', '{broken']
    const { dialogues, skipped } = await read(`${good}\n${bad.join('\n')}`, 'jsonl')
    expect(dialogues).toHaveLength(2)
    expect(skipped).toEqual([
      { reason: expect.stringContaining('neither conversations'), count: 1, first: expect.stringMatching(/byte \d+/) },
      { reason: 'is not JSON', count: 2, first: expect.stringMatching(/byte \d+/) },
      { reason: 'has an empty answer', count: 1, first: expect.stringMatching(/byte \d+/) },
    ])
  })

  it.each([
    ['two questions in a row', [turn('human', 'q'), turn('human', 'q')]],
    ['two answers in a row', [turn('human', 'q'), turn('gpt', 'a'), turn('gpt', 'a')]],
    ['a turn of an unknown speaker', [turn('narrator', 'q')]],
    ['a turn without text', [{ from: 'human', value: 7 }]],
    ['no answer', [turn('human', 'q')]],
  ])('skips a dialogue that has %s', async (reason, conversations) => {
    const { skipped } = await read(JSON.stringify([llava(1), llava(2), { conversations }]), 'llava')
    expect(skipped).toEqual([{ reason: `has ${reason}`, count: 1, first: expect.any(String) }])
  })

  it('holds out about a tenth by content, the same whatever else is in the file', async () => {
    const entries = Array.from({ length: 400 }, (_, index) => llava(index))
    const whole = await openDialogueFile(write(JSON.stringify(entries)), 'llava', 0)
    const part = await openDialogueFile(write(JSON.stringify(entries.toReversed().slice(0, 200))), 'llava', 0)
    try {
      expect(whole.heldOut.count).toBeGreaterThan(20)
      expect(whole.heldOut.count).toBeLessThan(70)
      const held = questions(await whole.heldOut.read(Array.from({ length: whole.heldOut.count }, (_, at) => at)))
      for (const question of questions(await part.heldOut.read([0, 1, 2]))) expect(held).toContain(question)
    } finally {
      await whole.close()
      await part.close()
    }
  })

  it('takes no more dialogues than it is asked for', async () => {
    const entries = Array.from({ length: 50 }, (_, index) => llava(index))
    expect((await read(JSON.stringify(entries), 'llava', 12)).dialogues).toHaveLength(12)
  })

  it.each([
    ['{"a": 1}', 'is not a JSON list'],
    ['[{"a": 1}', 'ends within its list, after 1 entries: it is truncated'],
    ['["text"]', 'has an entry that is no object, at byte 1'],
    ['[{}] more', 'goes on after its list, at byte 5'],
    ['[]', 'has 0 dialogues to train on and 0 held out'],
    ['', 'ends within its list, after 0 entries'],
  ])('%j is refused as a list', async (content, message) => {
    await expect(read(content, 'llava')).rejects.toThrow(message)
  })

  it('names a file that is not there', async () => {
    await expect(openDialogueFile(join(temporaryFolder(), 'none.json'), 'llava', 0)).rejects.toThrow('there is no file')
  })

  it('gives a DataError or skips, whatever bytes of a file are changed', async () => {
    const content = new TextEncoder().encode(JSON.stringify([llava(1), llava(2), llava(3)]))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<DialogueFormat>('llava', 'jsonl'),
        fc.array(fc.tuple(fc.nat(content.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(content.length),
        async (format, changes, cut) => {
          const broken = content.slice(0, cut % 3 === 0 ? cut : content.length)
          for (const [at, byte] of changes) if (at < broken.length) broken[at] = byte
          await read(broken, format).catch((error: unknown) => expect(error).toBeInstanceOf(DataError))
        },
      ),
      { numRuns: 1000 },
    )
  }, 60_000)
})
