import { kindNoun } from '../../data/kinds.ts'
import { createRandom } from '../../data/random.ts'
import { crossed } from './draw.ts'
import { othersOf } from './others.ts'
import { type Asked, askedOf } from './subjects.ts'
import { asking, type Task, type TaskSettings, tooFew } from './task.ts'
import { mayBeBoth, type Term } from './term.ts'

export const letters = ['A', 'B', 'C', 'D'] as const
export type Letter = (typeof letters)[number]

/** Which of four is it? */
export interface ChoiceQuestion {
  picture: number
  question: string
  /** What A, B, C and D stand for. */
  options: readonly string[]
  answer: Letter
  /** What the picture shows a thing of: "fruit". */
  category: string
  /** Number of the question, and how far its options are turned round: by 0 to 3 places. */
  number: number
  rotation: number
}

const QUESTIONS = { name: 'which of these is it?', kind: 'which kind of thing is it?' } as const

/**
 * Questions with four options in all four rotations, so that each letter is right once for each question. The three wrong
 * options are of the same kind, for a kind of the same group, as far as there are any.
 * @throws DataError if there are no four options
 */
export function choiceQuestions({ subjects, side, seed }: TaskSettings): {
  count: number
  at(row: number): ChoiceQuestion
  /** One of the questions with its options turned round. */
  rotated(number: number, rotation: number): ChoiceQuestion
} {
  const items = askedOf(subjects, side)
  const others = othersOf(subjects)
  const rows = crossed(items.length, letters.length, seed, 'choice', side)
  const optionsOf = (item: number): Term[] => {
    const { term, name } = items[item] as Asked
    const random = createRandom(seed, 'choice', side, item)
    const options = [term]
    while (options.length < letters.length) {
      const isNew = (one: Term) => options.every((two) => !mayBeBoth(one, two))
      const other = others.wrong(name, term.level, 'adversarial', random, isNew)
      if (!other) throw tooFew('choice', `${letters.length - 1} other things than ${term.phrase}`)
      options.push(other)
    }
    return options
  }
  const rotated = (item: number, rotation: number): ChoiceQuestion => {
    const { picture, term } = items[item] as Asked
    const options = optionsOf(item)
    return {
      picture,
      question: QUESTIONS[term.level],
      options: letters.map((_, at) => (options[(at + rotation) % letters.length] as Term).phrase),
      answer: letters[(letters.length - rotation) % letters.length] as Letter,
      category: kindNoun(term.subgroup),
      number: item,
      rotation,
    }
  }
  return {
    count: rows.count,
    at(row) {
      const { item, variant } = rows.at(row)
      return rotated(item, variant)
    },
    rotated,
  }
}

/** choice: which of four is it? Answered by its letter. */
export function choiceTask(settings: TaskSettings): Task {
  const { write } = settings
  const { count, at } = choiceQuestions(settings)
  return {
    count,
    dialogue(row) {
      const { picture, question, options, answer } = at(row)
      const lines = [question, ...options.map((option, index) => `${letters[index]}. ${option}`)]
      return asking({ kind: 'picture', picture }, lines.map(write).join('\n'), write(answer))
    },
  }
}
