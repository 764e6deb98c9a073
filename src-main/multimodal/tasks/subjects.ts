import { groupNoun, kindNoun } from '../../data/kinds.ts'
import { nounPhrase, withArticle } from '../../data/noun-phrase.ts'
import { permutation } from '../../data/permutation.ts'
import type { PictureInfo, PictureSet } from '../../data/picture-set.ts'
import { createRandom } from '../../data/random.ts'
import { type Level, levels, type Term, termOf } from './term.ts'

export type Side = 'training' | 'heldOut'

/**
 * The pictures that are asked about, and what they are called.
 *
 * A config may choose some of the concepts to ask about. Held out are the set's own held-out concepts, whose pictures no part of the model has seen; and, where concepts come in
 * several drawing styles, one style of a tenth of the training concepts: the tokenizer has seen these pictures, and the
 * language model knows the thing from its other style, but was never asked about this one. Training asks about every
 * picture by its name and by its kind. A held-out picture is asked about by what training has taught: a name of which
 * there are training pictures, or a kind. The name of an unseen concept could be guessed only.
 */
export interface Subjects {
  pictures: readonly PictureInfo[]
  training: readonly number[]
  heldOut: readonly number[]
  /** Terms that training pictures have. */
  known: Readonly<Record<Level, readonly Term[]>>
  /** What a picture is called; null if nothing names it, or its kind is its name, as in a folder of classes. */
  term(picture: number, level: Level): Term | null
  splitSeed: number
}

/** Share of the concepts of several styles that have one of them held out. */
const HELD_OUT_STYLE = 0.1

export function subjectsOf(
  { pictures, training, heldOut }: Pick<PictureSet, 'pictures' | 'training' | 'heldOut'>,
  splitSeed: number,
  concepts: number,
): Subjects {
  const styles = new Map<string, Set<string>>()
  const info = (picture: number) => pictures[picture] as PictureInfo
  for (const picture of training) {
    const { concept, style } = info(picture)
    styles.set(concept, (styles.get(concept) ?? new Set()).add(style))
  }
  const restyled = new Map<string, string>()
  for (const [concept, known] of styles) {
    const random = createRandom(splitSeed, 'style', concept)
    if (known.size > 1 && random.uniform() < HELD_OUT_STYLE)
      restyled.set(concept, [...known].sort()[random.int(known.size)] as string)
  }
  const isKept = (picture: number) => restyled.get(info(picture).concept) !== info(picture).style
  const isAsked = chosenConcepts(new Set(training.map((picture) => info(picture).concept)), concepts, splitSeed)
  const trained = training.filter((picture) => isKept(picture) && isAsked(info(picture).concept))
  const terms = { name: new Map<string, Term>(), kind: new Map<string, Term>() }
  const called: Record<Level, (Term | null)[]> = { name: [], kind: [] }
  const isTrained = new Set(trained)
  for (const [picture, about] of pictures.entries())
    for (const level of levels) {
      const phrase = phraseOf(about, level)
      const term = phrase === null ? null : termOf(terms[level], phrase, about, level)
      called[level].push(term)
      if (isTrained.has(picture)) term?.pictures.push(picture)
    }
  const known = (level: Level) => [...terms[level].values()].filter((term) => term.pictures.length > 0)
  return {
    pictures,
    training: trained,
    heldOut: [...training.filter((picture) => !isKept(picture) && isAsked(info(picture).concept)), ...heldOut],
    known: { name: known('name'), kind: known('kind') },
    term: (picture, level) => called[level][picture] ?? null,
    splitSeed,
  }
}

/** Which concepts are asked about. @param wanted how many; 0: all */
function chosenConcepts(all: ReadonlySet<string>, wanted: number, splitSeed: number): (concept: string) => boolean {
  if (wanted === 0 || wanted >= all.size) return () => true
  const sorted = [...all].sort()
  const order = permutation(sorted.length, splitSeed, 'concepts')
  const chosen = new Set(Array.from({ length: wanted }, (_, place) => sorted[order(place)]))
  return (concept) => chosen.has(concept)
}

/** A picture, and what it is asked for by. */
export interface Asked {
  picture: number
  term: Term
  /** What the thing is called by name. */
  name: Term
}

/** Each picture of a side with each term that it has and that training teaches. */
export const askedOf = (subjects: Subjects, side: Side): Asked[] =>
  levels.flatMap((level) =>
    subjects[side].flatMap((picture) => {
      const term = subjects.term(picture, level)
      const name = subjects.term(picture, 'name')
      return term && name && term.pictures.length > 0 ? [{ picture, term, name }] : []
    }),
  )

/** What a thing of a set of pictures is called. A class of a folder is a name, and its own kind. */
function phraseOf({ label, group, subgroup }: PictureInfo, level: Level): string | null {
  if (group === '') return null
  const name = nounPhrase(label.replaceAll('.', ''))
  if (level === 'name') return name
  const kind = withArticle(subgroup === '' ? groupNoun(group) : kindNoun(subgroup))
  return kind === name || subgroup === label ? null : kind
}
