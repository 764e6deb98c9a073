import { kindNoun, kindsOverlap } from '../../data/kinds.ts'
import type { PictureInfo } from '../../data/picture-set.ts'
import { plainText } from '../../data/texts.ts'

/** name: "a red apple". kind: "a fruit". */
export const levels = ['name', 'kind'] as const
export type Level = (typeof levels)[number]

/** What things are called: a name, or a kind. */
export interface Term {
  level: Level
  /** With its article: "a red apple". */
  phrase: string
  group: string
  subgroup: string
  /** Words of the phrase without the article; persons are all one word. */
  words: ReadonlySet<string>
  /** Those, and all that go with what is named: its tags and its kind. */
  hints: ReadonlySet<string>
  /** Training pictures of it, ascending. */
  pictures: number[]
}

const PERSONS = new Set(['man', 'woman', 'men', 'women', 'people', 'boy', 'girl', 'adult', 'child', 'children'])

const wordsOf = (text: string): string[] =>
  plainText(text)
    .split(' ')
    .map((word) => (PERSONS.has(word) ? 'person' : word))

/** The term of a phrase, one for all pictures that have it. */
export function termOf(
  terms: Map<string, Term>,
  phrase: string,
  { label, group, subgroup, tags }: PictureInfo,
  level: Level,
): Term {
  const known = terms.get(phrase)
  if (known) return known
  const kind = wordsOf(kindNoun(subgroup))
  const words = new Set(level === 'name' ? wordsOf(label) : kind)
  const hints = new Set([...words, ...(level === 'name' ? tags.flatMap(wordsOf) : []), ...kind])
  const term = { level, phrase, group, subgroup, words, hints, pictures: [] }
  terms.set(phrase, term)
  return term
}

const isWithin = (part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean => {
  for (const word of part) if (!whole.has(word)) return false
  return true
}

/**
 * Whether one thing may be both: then neither is a wrong answer for the other. A dog is a dog whose face is drawn alone;
 * an eagle, which is tagged "bird", is a bird; a man with a beard is a person with a beard; and a gesture is a person.
 * @param a and `b` of one level
 */
export const mayBeBoth = (a: Term, b: Term): boolean =>
  a === b ||
  (a.level === 'kind' ? kindsOverlap(a.subgroup, b.subgroup) : isWithin(a.words, b.hints) || isWithin(b.words, a.hints))

/** Whether a thing may be called by a term as well. @param name of the thing */
export const maybe = (name: Term, term: Term): boolean =>
  term.level === 'name'
    ? mayBeBoth(name, term)
    : kindsOverlap(name.subgroup, term.subgroup) || isWithin(term.words, name.hints)
