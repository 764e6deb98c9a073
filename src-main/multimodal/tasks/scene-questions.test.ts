import { beforeAll, expect, test } from 'vitest'
import { builtInSettings, emojiPictures, ofClass, pictureSetOf } from '../../../test/fakes/named-pictures.ts'
import { type NamedPictures, settingsOf } from '../built-in-tasks.ts'
import type { Placement } from '../dialogue.ts'
import { compositionsOf } from './compositions.ts'
import { sceneNameTask } from './scene-name.ts'
import { sceneYesNoTask } from './scene-yes-no.ts'
import type { Side, Subjects } from './subjects.ts'
import type { Task, TaskSettings } from './task.ts'
import { levels, maybe, type Term } from './term.ts'

const sides = ['training', 'heldOut'] as const
const CORNERS = ['top left', 'top right', 'bottom left', 'bottom right']

interface Scene {
  turns: readonly { question: string; answer: string }[]
  placements: readonly Placement[]
}
let set: NamedPictures
let subjects: Subjects
let named: Record<Side, Scene[]>
let answered: Record<Side, Scene[]>
const settingsFor = (side: Side): TaskSettings => ({
  ...settingsOf(set, builtInSettings(), side),
  write: (text) => text,
})
const scenesOf = ({ count, dialogue }: Task): Scene[] =>
  Array.from({ length: count }, (_, row) => {
    const { turns, pictures } = dialogue(row)
    const picture = pictures[0]?.picture
    if (pictures.length !== 1 || picture?.kind !== 'scene') throw new Error('no scene')
    return { turns, placements: picture.placements }
  })
beforeAll(async () => {
  set = await emojiPictures()
  subjects = settingsFor('training').subjects
  const bySide = (task: (settings: TaskSettings) => Task) => ({
    training: scenesOf(task(settingsFor('training'))),
    heldOut: scenesOf(task(settingsFor('heldOut'))),
  })
  named = bySide(sceneNameTask)
  answered = bySide(sceneYesNoTask)
})

const nameOf = ({ picture }: Placement): Term => subjects.term(picture, 'name') as Term
const calledOf = ({ picture }: Placement): string[] =>
  levels.flatMap((level) => subjects.term(picture, level)?.phrase ?? [])
const termOf = (phrase: string): Term =>
  [...subjects.known.name, ...subjects.known.kind].find((term) => term.phrase === phrase) as Term

test('a training scene is asked about thing by thing, a held-out one once', () => {
  for (const scenes of [named, answered]) {
    expect(scenes.training.every(({ turns, placements }) => turns.length === placements.length)).toBe(true)
    expect(scenes.heldOut.every(({ turns }) => turns.length === 1)).toBe(true)
    for (const side of sides)
      for (const { turns, placements } of scenes[side]) {
        expect(turns.map(({ question }) => question.includes('<image>'))).toEqual(turns.map((_, at) => at === 0))
        expect(placements.length).toBeGreaterThan(1)
        expect(new Set(placements.map(({ row, column }) => 2 * row + column)).size).toBe(placements.length)
      }
  }
})

test('what is at a corner is called what the answer says, by name and by kind', () => {
  for (const side of sides) {
    let kinds = 0
    for (const { turns, placements } of named[side])
      for (const { question, answer } of turns) {
        const corner = /the (top|bottom) (left|right)\?$/.exec(question)?.[0].slice(4, -1) as string
        const there = placements.find(({ row, column }) => CORNERS[2 * row + column] === corner) as Placement
        expect(calledOf(there)).toContain(answer)
        const byKind = question.includes('what kind of thing')
        if (byKind) kinds++
        expect(answer === calledOf(there)[byKind ? 1 : 0] || answer === calledOf(there)[0]).toBe(true)
      }
    const questions = named[side].flatMap(({ turns }) => turns)
    expect(kinds / questions.length).toBeGreaterThan(0.35)
    expect(kinds / questions.length).toBeLessThan(0.55)
  }
})

test('what is there is in the scene, what is not cannot be said of anything in it, and both come as often', () => {
  for (const side of sides) {
    const questions = answered[side].flatMap(({ turns, placements }) => turns.map((turn) => ({ ...turn, placements })))
    for (const { question, answer, placements } of questions) {
      const phrase = /(?:is there|show|see) (.+?)(?: in the image)?\?$/.exec(question)?.[1] as string
      if (answer === 'yes') expect(placements.flatMap(calledOf)).toContain(phrase)
      else expect(placements.some((placement) => maybe(nameOf(placement), termOf(phrase)))).toBe(false)
    }
    const yes = questions.filter(({ answer }) => answer === 'yes').length / questions.length
    expect(yes).toBeGreaterThan(0.45)
    expect(yes).toBeLessThan(0.55)
  }
  expect(answered.heldOut.filter(({ turns }) => turns[0]?.answer === 'yes').length * 2).toBe(answered.heldOut.length)
})

test('no two things of a training scene are a held-out pair; each held-out question is about a thing of one', () => {
  const { isPairHeldOut } = compositionsOf({ name: subjects.known.name }, subjects.splitSeed)
  for (const scenes of [named, answered]) {
    for (const { placements } of scenes.training)
      for (const a of placements)
        for (const b of placements) if (a !== b) expect(isPairHeldOut(nameOf(a), nameOf(b))).toBe(false)
    for (const { placements } of scenes.heldOut) {
      const [first, second] = placements as [Placement, Placement]
      expect(isPairHeldOut(nameOf(first), nameOf(second))).toBe(true)
    }
  }
})

test('pictures of which there are fewer than three things are refused', () => {
  const two = settingsOf(
    pictureSetOf([ofClass('cat', 0), ofClass('dog', 1), ofClass('dog', 2)], 1),
    builtInSettings(),
    'training',
  )
  expect(() => sceneNameTask(two)).toThrow('the task "scene-name" needs three different things')
  expect(() => sceneYesNoTask(two)).toThrow('set multimodal.tasks.scene-yes-no to 0')
})

test('dialogues may be about some of the concepts: the same ones for every seed', () => {
  const about = (concepts: number, seed: number, side: Side = 'training') =>
    settingsOf(set, builtInSettings({ concepts, seed }), side).subjects
  const conceptsOf = ({ training, pictures }: Subjects) =>
    new Set(training.map((picture) => pictures[picture]?.concept as string))
  expect(conceptsOf(about(5, 1)).size).toBe(5)
  expect(conceptsOf(about(5, 2))).toEqual(conceptsOf(about(5, 1)))
  expect(conceptsOf(about(0, 1)).size).toBeGreaterThan(5)
  expect(conceptsOf(about(1e6, 1))).toEqual(conceptsOf(about(0, 1)))
  expect(about(5, 1).known.name.every(({ pictures }) => pictures.length > 0)).toBe(true)
  expect(about(5, 1, 'heldOut').heldOut.filter((picture) => set.heldOut.includes(picture))).toEqual(
    about(0, 1).heldOut.filter((picture) => set.heldOut.includes(picture)),
  )
})
