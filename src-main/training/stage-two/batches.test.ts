import { describe, expect, it } from 'vitest'
import { sourceOf } from '../../../test/fixtures/tiny-dialogues.ts'
import { tinyStageTwoConfig } from '../../../test/fixtures/tiny-stage-two-config.ts'
import { DataError } from '../../data/source.ts'
import { IGNORED_LABEL } from '../../engine/operations/softmax-cross-entropy.ts'
import type { VisualDialogue, VisualDialogueSet } from '../../multimodal/dialogue.ts'
import { DialogueError, type Sequence } from '../../multimodal/sequence.ts'
import { answerLengths, batchSize, batchTensors, DialogueDraw } from './batches.ts'

const sequence = (length: number, learnedFrom: number): Sequence => ({
  positions: Array.from({ length }, (_, at) => ({ kind: 'text', token: at })),
  tokens: Int32Array.from({ length }, (_, at) => at),
  learned: Array.from({ length }, (_, at) => at >= learnedFrom),
})
const dialogue = (task: 'name' | 'paint', length: number): VisualDialogue => ({
  task,
  turns: [{ question: '', answer: `${length}` }],
  pictures: [],
  source: `${length}`,
})
const config = tinyStageTwoConfig('name', ({ multimodal }) => {
  multimodal.tasks.paint = 3
  Object.assign(multimodal, { batchSize: 4, lengthGrouping: 8, context: 40 })
})
const sets = sourceOf([
  ...Array.from({ length: 30 }, (_, at) => dialogue('name', 5 + at)),
  ...Array.from({ length: 30 }, (_, at) => dialogue('paint', 10 + at)),
]).training
const layOut = async ({ turns }: VisualDialogue) => sequence(Number(turns[0]?.answer), 3)
const draw = () => new DialogueDraw(config, sets, layOut, () => {})

describe('the dialogues of a step', () => {
  it('are the same whatever was asked for before', async () => {
    const [forward, alone] = [draw(), draw()]
    const all = []
    for (let step = 0; step < 20; step++) all.push(await forward.batch(step))
    expect(await alone.batch(13)).toEqual(all[13])
  })

  it('come from the tasks by their weights', async () => {
    const drawn = draw()
    const tasks: string[] = []
    for (let step = 0; step < 200; step++) for (const { dialogue: one } of await drawn.batch(step)) tasks.push(one.task)
    const share = tasks.filter((task) => task === 'paint').length / tasks.length
    expect(share).toBeGreaterThan(0.7)
    expect(share).toBeLessThan(0.8)
  })

  it('come from beyond the counted ones of a set that is endless, and from no others', async () => {
    const drawnPlaces = async (endless: boolean): Promise<number[]> => {
      const places: number[] = []
      const counted = (sets.get('name') as VisualDialogueSet).count
      const set: VisualDialogueSet = {
        count: counted,
        endless,
        read: async (rows) => {
          places.push(...rows)
          return rows.map((row) => dialogue('name', 5 + (row % 30)))
        },
      }
      const drawn = new DialogueDraw(config, new Map([['name', set]]), layOut, () => {})
      for (let step = 0; step < 20; step++) await drawn.batch(step)
      return places
    }
    const [counted, endless] = [await drawnPlaces(false), await drawnPlaces(true)]
    expect(Math.max(...counted)).toBeLessThan(30)
    expect(new Set(endless).size).toBe(endless.length)
    expect(endless.filter((place) => place < 30)).toEqual([])
  })

  it('are of like length within a window, and not in the order of their length', async () => {
    const drawn = draw()
    const spans: number[] = []
    const means: number[] = []
    for (let step = 0; step < 8; step++) {
      const lengths = (await drawn.batch(step)).map(({ sequence: one }) => one.positions.length)
      spans.push(Math.max(...lengths) - Math.min(...lengths))
      means.push(lengths.reduce((sum, length) => sum + length, 0))
    }
    expect(spans.reduce((sum, span) => sum + span, 0) / spans.length).toBeLessThan(8)
    expect(means).not.toEqual([...means].sort((a, b) => a - b))
  })

  it('do not paint pictures beside questions', async () => {
    const mixed = new DialogueDraw(
      config,
      sets,
      // Both tasks have dialogues of the same lengths: names of two learned tokens, paintings of nearly all.
      async ({ task, turns }) => {
        const length = Number(turns[0]?.answer)
        return sequence(length, task === 'name' ? length - 2 : 3)
      },
      () => {},
    )
    let both = 0
    for (let step = 0; step < 8; step++)
      if (new Set((await mixed.batch(step)).map(({ dialogue: { task } }) => task)).size > 1) both++
    expect(both).toBeLessThan(2)
  })

  it('are drawn anew where nothing can be learned, and each of those is told', async () => {
    const problems: string[] = []
    const tight = { ...config, multimodal: { ...config.multimodal, context: 20 } }
    const drawn = new DialogueDraw(tight, sets, layOut, (one, { problem }) => problems.push(`${one.source} ${problem}`))
    for (const { sequence: one } of await drawn.batch(0)) expect(one.positions.length).toBeLessThanOrEqual(20)
    expect(problems.length).toBeGreaterThan(0)
    expect(problems[0]).toMatch(/^\d+ is longer than the context of 20 positions$/)
  })

  it('are drawn anew where a picture cannot be read or a text cannot be laid out; other errors are not hidden', async () => {
    const problems: string[] = []
    const failing = (error: Error) =>
      new DialogueDraw(
        config,
        sets,
        async (one) => {
          if (one.task === 'name') throw error
          return layOut(one)
        },
        (_, { problem, detail }) => problems.push(problem + detail),
      )
    for (const { dialogue: one } of await failing(new DataError('cat.png is torn')).batch(0))
      expect(one.task).toBe('paint')
    await failing(new DialogueError('2 times <image> for 1 pictures')).batch(0)
    expect(new Set(problems)).toEqual(
      new Set(['shows a picture that cannot be read: cat.png is torn', '2 times <image> for 1 pictures']),
    )
    await expect(failing(new TypeError('a mistake')).batch(0)).rejects.toThrow('a mistake')
  })
})

describe('the tensors of a batch', () => {
  it('are as long as the longest sequence rounded up, with room for what is learned', () => {
    const size = batchSize([sequence(17, 15), sequence(9, 8)], 4, 40)
    expect(size).toEqual({ batch: 4, length: 32, rows: 16 })
    expect(batchSize([sequence(39, 3)], 4, 40)).toEqual({ batch: 4, length: 40, rows: 40 })
  })

  it('predict each learned token from the position before it', () => {
    const size = { batch: 2, length: 8, rows: 4 }
    const shape = { slots: 1, features: 0, weights: [1], places: 0 }
    const tensors = batchTensors([sequence(5, 4), sequence(4, 2)], shape, size, 99)
    expect([...(tensors.rows?.data ?? [])]).toEqual([3, 9, 10, 0])
    expect([...(tensors.labels?.data ?? [])]).toEqual([4, 2, 3, IGNORED_LABEL])
    expect([...(tensors.tokens?.data ?? [])].slice(0, 8)).toEqual([0, 1, 2, 3, 4, 99, 99, 99])
  })
})

describe('the answers of a sequence', () => {
  it('are its stretches of learned tokens; a first token that nothing predicts is none', () => {
    const flags = (learned: string): Sequence => ({
      ...sequence(learned.length, 0),
      learned: [...learned].map((flag) => flag === '1'),
    })
    expect(answerLengths(flags('0011010111'))).toEqual([2, 1, 3])
    expect(answerLengths(flags('100011'))).toEqual([2])
    expect(answerLengths(flags('0000'))).toEqual([])
  })
})
