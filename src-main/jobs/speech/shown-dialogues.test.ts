import { describe, expect, it } from 'vitest'
import type { TaskName } from '../../../src-shared/multimodal.ts'
import { decodeSafetensors } from '../../../src-shared/safetensors.ts'
import { tinyDialogues } from '../../../test/fixtures/tiny-dialogues.ts'
import { tinyData } from '../../../test/fixtures/tiny-experiment.ts'
import { tinyStageTwoConfig } from '../../../test/fixtures/tiny-stage-two-config.ts'
import { DataError } from '../../data/source.ts'
import { createWordTokenizer, wordLayout } from '../../language/word-tokenizer.ts'
import type { PictureReference, VisualDialogue, VisualDialogueSet } from '../../multimodal/dialogue.ts'
import { codeTokens, pictureLayout } from '../../multimodal/picture-layout.ts'
import { codeNumbers } from './code-numbers.ts'
import type { RunModel } from './open-run-model.ts'
import { checkDialogues, showDialogues } from './shown-dialogues.ts'

const CODES = 60

/** A model that is asked for no answer: its layout, and dialogues of its training. */
function modelOf(dialogues: readonly VisualDialogue[], context = 64): RunModel {
  const config = tinyStageTwoConfig('name', ({ multimodal }) => {
    Object.assign(multimodal, { context, paradigm: 'visual-tokenizer' })
  })
  const layout = pictureLayout(config)
  const words = ['<pad>', '<unk>', '<s>', '</s>', 'paint', 'what', 'is', 'this', '?', 'a', 'red', 'square', '.']
  const tokenizer = createWordTokenizer(words)
  const sets = new Map<TaskName, VisualDialogueSet>()
  for (const { task } of dialogues) {
    const own = dialogues.filter((each) => each.task === task)
    sets.set(task, { count: own.length, read: async (rows) => rows.map((row) => own[row] as VisualDialogue) })
  }
  const blank = { codes: Int32Array.from({ length: 20 }, (_, at) => at), features: new Float32Array(0) }
  return {
    step: 1,
    opened: {
      config,
      layout,
      shape: { slots: layout.slots, features: 0, weights: null },
      rules: {
        layout,
        tokens: codeTokens(config, layout, { vocabulary: words.length, ids: null, codes: CODES }),
        text: wordLayout(tokenizer),
        input: 'aggregated',
      },
      language: { tokens: words },
    },
    speaker: { resolution: 2, encode: async (pictures: Uint8Array[]) => pictures.map(() => blank) },
    numbers: codeNumbers(layout.sides, CODES, null),
    dialogues: {
      training: sets,
      heldOut: new Map(),
      skipped: [{ reason: 'has no answer', count: 2, first: ['a.json: entry 1'] }],
      close: async () => {},
    },
    pixelsOf: async (reference: PictureReference) => {
      if (reference.kind === 'file') throw new DataError(`the picture "${reference.path}" is not there`)
      return new Uint8Array(12).fill(reference.kind === 'picture' ? reference.picture : 255)
    },
  } as unknown as RunModel
}

const dialogues = tinyDialogues(tinyData().pictures, 3, 4)
const never = new AbortController().signal

describe('dialogues as a model reads them', () => {
  it('have words, codes by their numbers, and what of them is learned', async () => {
    const { total, dialogues: shown } = await showDialogues(modelOf(dialogues), {
      task: 'paint',
      side: 'training',
      from: 1,
      count: 5,
    })
    expect([total, shown.length]).toEqual([3, 2])
    const [first] = shown
    expect(first).toMatchObject({ task: 'paint', source: 'paint 1', problem: null })
    expect(first?.positions.slice(0, 2).map(({ text, learned }) => [text, learned])).toEqual([
      ['<s>', false],
      ['paint', false],
    ])
    const codes = first?.positions.filter(({ kind }) => kind === 'code') ?? []
    expect(codes.slice(0, 2)).toEqual([
      { kind: 'code', token: 13, text: 'code 0', learned: true, layer: 0, cell: 0 },
      { kind: 'code', token: 14, text: 'code 1', learned: true, layer: 1, cell: 0 },
    ])
  })

  it('come with their pictures and code maps, each once', async () => {
    const asked = { side: 'training' as const, from: 1, count: 2 }
    const {
      dialogues: shown,
      codes,
      file,
    } = await showDialogues(modelOf(dialogues), { ...asked, task: 'decompression' })
    expect(shown.map(({ pictures }) => pictures)).toEqual([
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ])
    // Token order is a coarse code and its four children; maps are row by row.
    const maps = [
      [0, 5, 10, 15],
      [1, 2, 6, 7, 3, 4, 8, 9, 11, 12, 16, 17, 13, 14, 18, 19],
    ]
    expect(codes).toEqual([maps, maps])
    const { pictures } = decodeSafetensors(file).tensors
    expect(pictures?.shape).toEqual([2, 2, 2, 3])
    expect([...((pictures?.data ?? []) as Uint8Array)]).toEqual([...new Array(12).fill(1), ...new Array(12).fill(2)])
  })

  it('are shown with what is wrong with them', async () => {
    const broken = { ...(dialogues[0] as VisualDialogue), pictures: [] }
    const asked = { task: 'name' as const, side: 'training' as const, from: 0, count: 1 }
    const { dialogues: shown } = await showDialogues(modelOf([broken]), asked)
    expect(shown[0]).toMatchObject({ positions: [], problem: '1 times <image> for 0 pictures' })
    const { dialogues: long } = await showDialogues(modelOf(dialogues, 24), { ...asked, task: 'paint' })
    expect(long[0]?.problem).toBe('is longer than the context of 24 positions')
    await expect(showDialogues(modelOf(dialogues), { ...asked, task: 'choice' })).rejects.toMatchObject({
      code: 'not-found',
      message: 'the run has no dialogues of the task "choice": multimodal.tasks.choice is 0',
    })
  })

  it('are checked, each problem counted with its first offenders', async () => {
    const lost = dialogues
      .filter(({ task }) => task === 'name')
      .map(
        (dialogue, at): VisualDialogue => ({
          ...dialogue,
          pictures: [{ picture: { kind: 'file', path: `${at}.png` }, form: 'read' }],
        }),
      )
    const { checks, skipped } = await checkDialogues(
      modelOf([...dialogues.filter(({ task }) => task === 'paint'), ...lost], 24),
      { most: 2 },
      never,
    )
    expect(skipped).toEqual([{ reason: 'has no answer', count: 2, first: ['a.json: entry 1'] }])
    expect(checks).toEqual([
      {
        task: 'name',
        side: 'training',
        looked: 2,
        count: 3,
        problems: [
          {
            problem: 'shows a picture that cannot be read',
            count: 2,
            first: ['name 0: the picture "0.png" is not there', 'name 1: the picture "1.png" is not there'],
          },
        ],
      },
      {
        task: 'paint',
        side: 'training',
        looked: 2,
        count: 3,
        problems: [{ problem: 'is longer than the context of 24 positions', count: 2, first: ['paint 0', 'paint 1'] }],
      },
    ])
  })

  it('are checked no further when nobody waits', async () => {
    await expect(checkDialogues(modelOf(dialogues), { most: 2 }, AbortSignal.abort())).rejects.toThrow()
  })
})
