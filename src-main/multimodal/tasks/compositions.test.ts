import { beforeAll, expect, test } from 'vitest'
import { builtInSettings, emojiPictures, ofClass, pictureSetOf } from '../../../test/fakes/named-pictures.ts'
import { type NamedPictures, settingsOf } from '../built-in-tasks.ts'
import type { Placement } from '../dialogue.ts'
import { countingTask } from './counting.ts'
import { positionTask } from './position.ts'
import type { Side } from './subjects.ts'
import type { Task, TaskSettings } from './task.ts'
import { levels } from './term.ts'

const sides = ['training', 'heldOut'] as const
let set: NamedPictures
let settings: Record<Side, TaskSettings>
let counted: Record<Side, Scene[]>
let found: Record<Side, Scene[]>
beforeAll(async () => {
  set = await emojiPictures()
  const written = (side: Side) => ({ ...settingsOf(set, builtInSettings(), side), write: (text: string) => text })
  settings = { training: written('training'), heldOut: written('heldOut') }
  const scenes = (task: (settings: TaskSettings) => Task) => ({
    training: scenesOf(task(settings.training)),
    heldOut: scenesOf(task(settings.heldOut)),
  })
  counted = scenes(countingTask)
  found = scenes(positionTask)
})

interface Scene {
  question: string
  answer: string
  placements: readonly Placement[]
}
const scenesOf = ({ count, dialogue }: Task): Scene[] =>
  Array.from({ length: count }, (_, row) => {
    const { turns, pictures } = dialogue(row)
    const picture = pictures[0]?.picture
    if (turns.length !== 1 || pictures.length !== 1 || picture?.kind !== 'scene') throw new Error('no scene')
    const { question, answer } = turns[0] as { question: string; answer: string }
    return { question: question.replace('<image>\n', ''), answer, placements: picture.placements }
  })
/** What the picture at a placement is called, by name and by kind. */
const calledOf = ({ picture }: Placement): string[] =>
  levels.flatMap((level) => settings.training.subjects.term(picture, level)?.phrase ?? [])
const nameOf = (placement: Placement): string => calledOf(placement)[0] as string

const COUNTING = /^how (?:many times do you see|often does the picture show) (.+)\?$/
const CORNER = /^(?:where|in which corner) do you see (.+)\?$/
const RELATION = /^(?:where )?do you see (.+?),? left of, right of, above or below (.+)\?$/
const CORNERS = ['top left', 'top right', 'bottom left', 'bottom right']

test('a scene has no two pictures in one cell, and only training pictures', () => {
  const trained = new Set(settings.training.subjects.training)
  for (const side of sides)
    for (const scenes of [counted[side], found[side]])
      for (const { placements } of scenes) {
        const cells = placements.map(({ row, column }) => `${row} ${column}`)
        expect(new Set(cells).size).toBe(cells.length)
        expect(placements.every(({ picture }) => trained.has(picture))).toBe(true)
        expect(placements.every(({ row, column }) => [0, 1].includes(row) && [0, 1].includes(column))).toBe(true)
      }
})

test('a count is the number of pictures that are called what is asked for, one to four as often', () => {
  for (const side of sides) {
    const scenes = counted[side]
    for (const { question, answer, placements } of scenes) {
      const asked = COUNTING.exec(question)?.[1] as string
      expect(`${placements.filter((placement) => calledOf(placement).includes(asked)).length}`).toBe(answer)
    }
    for (const count of ['1', '2', '3', '4'])
      expect(scenes.filter(({ answer }) => answer === count).length * 4).toBe(scenes.length)
    expect(scenes.filter(({ answer, placements }) => placements.length > Number(answer)).length).toBeGreaterThan(
      scenes.length / 3,
    )
  }
})

test('a thing is never counted in training as many times as it is when held out, and is counted in training', () => {
  const counts = (side: Side) => counted[side].map(({ question, answer }) => [COUNTING.exec(question)?.[1], answer])
  const trained = new Set(counts('training').map(String))
  const heldOut = counts('heldOut')
  expect(heldOut.filter((count) => trained.has(String(count)))).toEqual([])
  const things = new Set(counts('training').map(([thing]) => thing))
  expect(heldOut.filter(([thing]) => things.has(thing)).length / heldOut.length).toBeGreaterThan(0.8)
})

test('a position is where the thing is placed, and each answer is given as often', () => {
  for (const side of sides) {
    const scenes = found[side]
    const answers = new Map<string, number>()
    for (const { question, answer, placements } of scenes) {
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
      const place = (phrase: string | undefined): Placement => {
        const named = placements.filter((placement) => nameOf(placement) === phrase)
        expect(named).toHaveLength(1)
        return named[0] as Placement
      }
      const [, thing, from] = RELATION.exec(question) ?? CORNER.exec(question) ?? []
      const { row, column } = place(thing)
      if (from === undefined) expect(answer).toBe(CORNERS[row * 2 + column])
      else {
        const other = place(from)
        const relations = {
          left: row === other.row && column < other.column,
          right: row === other.row && column > other.column,
          above: column === other.column && row < other.row,
          below: column === other.column && row > other.row,
        }
        expect(Object.entries(relations).filter(([, holds]) => holds)).toEqual([[answer, true]])
      }
    }
    expect(answers.size).toBe(8)
    for (const count of answers.values()) expect(count * 8).toBe(scenes.length)
  }
})

test('no pair that is held out is together in a training scene, and every held-out scene is about one', () => {
  const pairsOf = ({ placements }: Scene) =>
    placements.flatMap((a, at) => placements.slice(at + 1).map((b) => [nameOf(a), nameOf(b)].sort().join(' | ')))
  const trained = new Set(found.training.flatMap(pairsOf))
  const heldOut = found.heldOut
  for (const scene of heldOut) {
    const [first, second] = scene.placements.slice(0, 2).map(nameOf)
    expect(trained.has([first, second].sort().join(' | '))).toBe(false)
  }
})

test('scenes of a handful of classes are split as well, and two classes are too few', () => {
  const classes = (names: string[]) => pictureSetOf([...names, ...names].map(ofClass), 1)
  for (const names of [
    ['cat', 'dog', 'owl'],
    ['cat', 'dog', 'owl', 'bee', 'fox', 'ant'],
  ])
    for (const side of sides) {
      const few = settingsOf(classes(names), builtInSettings(), side)
      expect(scenesOf(countingTask(few)).length).toBeGreaterThan(0)
      expect(scenesOf(positionTask(few)).length).toBeGreaterThan(0)
    }
  const two = settingsOf(classes(['cat', 'dog']), builtInSettings(), 'training')
  expect(() => positionTask(two)).toThrow('the task "position" needs three different things')
  const one = settingsOf(classes(['cat']), builtInSettings(), 'training')
  expect(() => countingTask(one)).toThrow('the task "counting" needs two different things')
})
