import { createRandom, type Random } from '../../data/random.ts'
import { crossed, oneOf } from './draw.ts'
import { othersOf, type Strategy, strategies } from './others.ts'
import { type Asked, askedOf } from './subjects.ts'
import { asking, type Task, type TaskSettings, tooFew } from './task.ts'

/** Is it in the picture? */
export interface YesNoQuestion {
  picture: number
  /** What is asked for: "a red apple". */
  phrase: string
  isThere: boolean
  /** How what is not there was chosen; of a question whose answer is yes, the one that it is the other half of. */
  strategy: Strategy
}

/** A question with the answer yes for each with the answer no, by each strategy. */
const VARIANTS = strategies.flatMap((strategy) => [
  { strategy, isThere: true },
  { strategy, isThere: false },
])

/** The first as POPE asks. */
const WORDINGS = [
  (phrase: string) => `is there ${phrase} in the image?`,
  (phrase: string) => `does the picture show ${phrase}?`,
  (phrase: string) => `do you see ${phrase}?`,
] as const

export const popeQuestion = WORDINGS[0]

/** One of the ways to ask. */
export const yesNoWording = (random: Random): ((phrase: string) => string) => oneOf(WORDINGS, random)

/**
 * Questions as POPE asks them: half of the answers are yes, and a sixth is no for something random, popular or adversarial
 * (the same kind of thing) each.
 * @throws DataError if there is nothing that a picture does not show
 */
export function yesNoQuestions({ subjects, side, seed }: TaskSettings): {
  count: number
  at(row: number): YesNoQuestion
} {
  const items = askedOf(subjects, side)
  const others = othersOf(subjects)
  const rows = crossed(items.length, VARIANTS.length, seed, 'yes-no', side)
  return {
    count: rows.count,
    at(row) {
      const { item, variant } = rows.at(row)
      const { picture, term, name } = items[item] as Asked
      const { strategy, isThere } = VARIANTS[variant] as (typeof VARIANTS)[number]
      if (isThere) return { picture, phrase: term.phrase, isThere, strategy }
      const other = others.wrong(name, term.level, strategy, createRandom(seed, 'yes-no', side, row))
      if (!other) throw tooFew('yes-no', `something else than ${term.phrase}`)
      return { picture, phrase: other.phrase, isThere, strategy }
    },
  }
}

/** yes-no: is it in the picture? */
export function yesNoTask(settings: TaskSettings): Task {
  const { side, seed, write } = settings
  const { count, at } = yesNoQuestions(settings)
  return {
    count,
    dialogue(row) {
      const { picture, phrase, isThere } = at(row)
      const word = yesNoWording(createRandom(seed, 'yes-no wording', side, row))
      return asking({ kind: 'picture', picture }, write(word(phrase)), write(isThere ? 'yes' : 'no'))
    },
  }
}
