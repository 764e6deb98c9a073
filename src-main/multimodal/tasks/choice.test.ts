import { beforeAll, expect, test } from 'vitest'
import { builtInSettings, emojiPictures, ofClass, pictureSetOf } from '../../../test/fakes/named-pictures.ts'
import { settingsOf } from '../built-in-tasks.ts'
import { type ChoiceQuestion, choiceQuestions, choiceTask, letters } from './choice.ts'
import type { TaskSettings } from './task.ts'
import { levels } from './term.ts'

let sides: TaskSettings[]
beforeAll(async () => {
  const set = await emojiPictures()
  sides = [settingsOf(set, builtInSettings(), 'training'), settingsOf(set, builtInSettings(), 'heldOut')]
})

const some = (settings: TaskSettings, most = 3000): ChoiceQuestion[] => {
  const { count, at } = choiceQuestions(settings)
  return Array.from({ length: Math.min(most, count) }, (_, row) => at(row))
}

test('the letter stands before what the picture is called, and before nothing else that it is', () => {
  for (const settings of sides)
    for (const { picture, options, answer } of some(settings)) {
      const called = levels.flatMap((level) => settings.subjects.term(picture, level)?.phrase ?? [])
      expect(options.map((option) => called.includes(option))).toEqual(letters.map((letter) => letter === answer))
      expect(new Set(options).size).toBe(4)
    }
})

test('each question is asked in four rotations, in which each letter is right once', () => {
  const settings = sides[1] as TaskSettings
  const questions = Map.groupBy(some(settings, Number.POSITIVE_INFINITY), ({ number }) => number)
  for (const rotations of questions.values()) {
    expect(rotations.map(({ answer }) => answer).sort()).toEqual([...letters])
    expect(new Set(rotations.map(({ options }) => [...options].sort().join())).size).toBe(1)
    for (const { number, rotation, ...question } of rotations)
      expect(choiceQuestions(settings).rotated(number, rotation)).toMatchObject(question)
  }
})

test('any few in a row have each letter about as often', () => {
  const answers = some(sides[0] as TaskSettings, 64).map(({ answer }) => answer)
  for (const letter of letters) expect(answers.filter((answer) => answer === letter)).toHaveLength(16)
})

test('wrong options are of the same kind as far as there are any', () => {
  const { subjects } = sides[0] as TaskSettings
  const kinds = new Map(subjects.known.name.map(({ phrase, subgroup }) => [phrase, subgroup]))
  const named = some(sides[0] as TaskSettings).filter(({ options }) => options.every((option) => kinds.has(option)))
  const same = named.filter(({ options }) => new Set(options.map((option) => kinds.get(option))).size === 1)
  expect(same.length / named.length).toBeGreaterThan(0.7)
})

test('a dialogue lists the options by letter and is answered by one', () => {
  const settings = sides[0] as TaskSettings
  const { options, answer } = choiceQuestions(settings).at(5)
  const [turn] = choiceTask({ ...settings, write: (text) => text }).dialogue(5).turns
  expect(turn?.question.split('\n').slice(2)).toEqual(options.map((option, at) => `${letters[at]}. ${option}`))
  expect(turn?.answer).toBe(answer)
})

test('three things are too few to choose from', () => {
  const three = pictureSetOf(['cat', 'dog', 'owl', 'cat'].map(ofClass), 1)
  expect(() => choiceTask(settingsOf(three, builtInSettings(), 'training')).dialogue(0)).toThrow(
    /the task "choice" needs 3 other things than an? .*set multimodal\.tasks\.choice to 0/,
  )
})
