import { beforeAll, expect, test } from 'vitest'
import { builtInSettings, emojiPictures, ofClass, pictureSetOf } from '../../../test/fakes/named-pictures.ts'
import { type NamedPictures, settingsOf } from '../built-in-tasks.ts'
import { strategies } from './others.ts'
import type { TaskSettings } from './task.ts'
import { levels } from './term.ts'
import { yesNoQuestions, yesNoTask } from './yes-no.ts'

let set: NamedPictures
let sides: TaskSettings[]
beforeAll(async () => {
  set = await emojiPictures()
  sides = [settingsOf(set, builtInSettings(), 'training'), settingsOf(set, builtInSettings(), 'heldOut')]
})

const all = (settings: TaskSettings) => {
  const { count, at } = yesNoQuestions(settings)
  return Array.from({ length: count }, (_, row) => at(row))
}
const calledOf = ({ subjects }: TaskSettings, picture: number) =>
  levels.flatMap((level) => subjects.term(picture, level)?.phrase ?? [])

test('half of the answers are yes: of all, of each strategy, and of any few in a row', () => {
  for (const settings of sides) {
    const questions = all(settings)
    for (const strategy of strategies) {
      const own = questions.filter((question) => question.strategy === strategy)
      expect(own.length * strategies.length).toBe(questions.length)
      expect(own.filter(({ isThere }) => isThere).length * 2).toBe(own.length)
    }
    for (let row = 0; row + 60 <= 600; row += 60)
      expect(questions.slice(row, row + 60).filter(({ isThere }) => isThere)).toHaveLength(30)
  }
})

test('every answer is true', () => {
  for (const settings of sides)
    for (const { picture, phrase, isThere } of all(settings))
      expect(calledOf(settings, picture).includes(phrase)).toBe(isThere)
})

test('what is not there is of the same kind where the strategy is adversarial, of common kinds where it is popular', () => {
  const settings = sides[0] as TaskSettings
  const { subjects } = settings
  const terms = new Map(levels.flatMap((level) => subjects.known[level]).map((term) => [term.phrase, term]))
  const negatives = all(settings).flatMap((question) => {
    const other = terms.get(question.phrase)
    if (question.isThere || other?.level !== 'name') return []
    return [{ ...question, own: subjects.term(question.picture, 'name')?.subgroup, other: other.subgroup }]
  })
  const of = (strategy: string) => negatives.filter((question) => question.strategy === strategy)
  const same = (strategy: string) => of(strategy).filter(({ own, other }) => own === other).length / of(strategy).length
  expect(same('adversarial')).toBeGreaterThan(0.9)
  expect(same('random')).toBeLessThan(0.1)
  expect(new Set(of('popular').map(({ other }) => other)).size).toBe(8)
  expect(new Set(of('random').map(({ other }) => other)).size).toBeGreaterThan(60)
})

test('an eagle is not denied to be a bird, a man with a beard not to be a person with one', () => {
  const settings = sides[0] as TaskSettings
  const denied = new Map<string, Set<string>>()
  const wanted = set.pictures.flatMap(({ label }, picture) =>
    ['eagle', 'man: beard'].includes(label) ? [picture] : [],
  )
  for (let seed = 0; seed < 20; seed++) {
    // Questions about these two alone, of the many.
    const few = { ...settings, seed, subjects: { ...settings.subjects, training: wanted } }
    for (const { picture, phrase, isThere } of all(few)) {
      const name = set.pictures[picture]?.label as string
      if (!isThere) denied.set(name, (denied.get(name) ?? new Set()).add(phrase))
    }
  }
  expect(denied.get('eagle')?.size).toBeGreaterThan(10)
  expect(denied.get('eagle')).not.toContain('a bird')
  expect([...(denied.get('man: beard') ?? [])].filter((phrase) => phrase.endsWith(' with beard'))).toEqual([])
})

test('a dialogue shows the picture, and asks what its question says', () => {
  const settings = sides[0] as TaskSettings
  const { at } = yesNoQuestions(settings)
  const { dialogue } = yesNoTask(settings)
  for (let row = 0; row < 100; row++) {
    const { picture, phrase, isThere } = at(row)
    const { turns, pictures } = dialogue(row)
    expect(pictures).toEqual([{ picture: { kind: 'picture', picture }, form: 'read' }])
    expect(turns[0]?.question.startsWith('<image>\n')).toBe(true)
    expect(turns[0]?.question).toContain(settings.write(phrase))
    expect(turns[0]?.answer).toBe(isThere ? 'yes' : 'no')
  }
})

test('a set of one thing has nothing to deny, and says so', () => {
  const one = pictureSetOf([ofClass('cat', 1), ofClass('cat', 2)], 1)
  const { at } = yesNoQuestions(settingsOf(one, builtInSettings(), 'training'))
  expect(() => at(1)).toThrow('the task "yes-no" needs something else than a cat')
})
