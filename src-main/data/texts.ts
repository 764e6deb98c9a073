import { groupNoun, kindNoun } from './kinds.ts'
import { nounPhrase, withArticle } from './noun-phrase.ts'
import type { InstructionPair, InstructionTexts, PictureInfo, PictureSet } from './picture-set.ts'
import { createRandom } from './random.ts'

/** Share of the pairs held out. A concept's other pairs stay in training, so what is asked can be worked out. */
const HELD_OUT = 0.1
/** Tags in an answer. */
const TAGS = 3
/** Tags of fewer concepts than this say too little of anything else to be learned, and would be half the vocabulary. */
const COMMON_TAG = 4
/** A tag of more concepts than this does not tell which of them is meant. */
const TELLING_TAG = 30

/** A pair, and what is held out with it: all wordings of one question about one concept. */
interface Candidate extends InstructionPair {
  unit: string
}

/** Lower case, words and punctuation apart, as a word-level tokenizer reads them. Accents and apostrophes go. */
export const plainText = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\p{M}'’]/gu, '')
    .normalize('NFC')
    // A point ends a sentence; within an abbreviation it goes.
    .replace(/(?<=\p{L})\.(?=\p{L})/gu, '')
    .replace(/[^\p{L}\p{N}?.,]+/gu, ' ')
    .replace(/([?.,])/g, ' $1 ')
    .replace(/\s+/g, ' ')
    .trim()

/** words: for a model over the texts' own words, as few of them as can be. sentences: as people write, for a pretrained one. */
export type Writing = 'words' | 'sentences'

/** As people write it: a capital at the beginning, single spaces. */
const sentence = (text: string): string => {
  const trimmed = text.replace(/\s+/g, ' ').trim()
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1)
}

/** Brings a text into a style of writing. */
export const writer = (writing: Writing): ((text: string) => string) => (writing === 'words' ? plainText : sentence)

/**
 * Instruction-answer pairs made from the names, tags and groups of the pictures, without repetitions, in a fixed order.
 * Held out is one question of a concept here and there, in every drawing style and skin tone at once; what the concept
 * is stands in its other pairs. Every word of a held-out pair occurs in training, but in sets of a handful. The pictures' own split does not
 * matter here: the language model reads no pictures.
 */
export function buildTexts(
  { pictures: atHand, described }: Pick<PictureSet, 'pictures' | 'described'>,
  writing: Writing = 'words',
): InstructionTexts {
  const pictures = described ?? atHand
  const write = writer(writing)
  const seen = new Set<string>()
  const training: InstructionPair[] = []
  const candidates = new Map<string, InstructionPair[]>()
  for (const { unit, ...raw } of allPairs(pictures)) {
    const pair = { question: write(raw.question), answer: write(raw.answer) }
    const key = `${pair.question}\n${pair.answer}`
    if (pair.answer === '' || seen.has(key)) continue
    seen.add(key)
    if (createRandom(0, 'text', unit).uniform() >= HELD_OUT) training.push(pair)
    else candidates.set(unit, [...(candidates.get(unit) ?? []), pair])
  }
  const known = new Set(training.flatMap(wordsOf))
  const heldOut: InstructionPair[] = []
  for (const pairs of candidates.values()) {
    const words = pairs.flatMap(wordsOf)
    if (words.every((word) => known.has(word))) heldOut.push(...pairs)
    else {
      training.push(...pairs)
      for (const word of words) known.add(word)
    }
  }
  // A set of a few pairs may leave nothing held out by chance, and perplexity is measured on something.
  if (heldOut.length === 0 && training.length > 1) heldOut.push(training.pop() as InstructionPair)
  return { training, heldOut }
}

const wordsOf = ({ question, answer }: InstructionPair): string[] => [...question.split(' '), ...answer.split(' ')]

function allPairs(pictures: readonly PictureInfo[]): Candidate[] {
  const common = commonTags(pictures)
  const distinct = (key: 'group' | 'subgroup') => [...new Set(pictures.map((picture) => picture[key]))].filter(Boolean)
  const [groups, subgroups] = [distinct('group'), distinct('subgroup')]
  return pictures.flatMap((picture) =>
    picture.style === 'captioned'
      ? [{ unit: picture.caption, question: 'describe the picture.', answer: picture.caption }]
      : picture.style === 'folder'
        ? folderPairs(picture, groups)
        : emojiPairs(picture, groups, subgroups, common),
  )
}

/** Tags that enough concepts share, with the number of these concepts. */
function commonTags(pictures: readonly PictureInfo[]): Map<string, number> {
  const concepts = new Map<string, Set<string>>()
  for (const { concept, tags } of pictures)
    for (const tag of tags) concepts.set(tag, (concepts.get(tag) ?? new Set()).add(concept))
  return new Map([...concepts].map(([tag, { size }]) => [tag, size] as const).filter(([, size]) => size >= COMMON_TAG))
}

function emojiPairs(
  { concept, label, caption, group, subgroup, tags }: PictureInfo,
  groups: readonly string[],
  subgroups: readonly string[],
  common: ReadonlyMap<string, number>,
): Candidate[] {
  const pairs: Candidate[] = []
  const add = (template: string, question: string, answer: string) =>
    pairs.push({ unit: `${template} ${concept}`, question, answer })
  const thing = nounPhrase(label.replaceAll('.', ''))
  const [aGroup, aKind] = [withArticle(groupNoun(group)), withArticle(kindNoun(subgroup))]
  add('describe', `describe ${thing}.`, caption.replaceAll('.', ''))
  add('kind', `what kind of thing is ${thing}?`, `it is ${aKind}.`)
  add('group', `is ${thing} ${aGroup}?`, `yes, it is ${aGroup}.`)
  const otherGroup = oneOther(groups, group, concept)
  if (otherGroup) add('no group', `is ${thing} ${withArticle(groupNoun(otherGroup))}?`, `no, it is ${aGroup}.`)
  const otherKind = oneOther(subgroups, subgroup, concept)
  if (otherKind) add('no kind', `is ${thing} ${withArticle(kindNoun(otherKind))}?`, `no, it is ${aKind}.`)
  // The commonest first: they follow from the kind of thing, the rarer ones from the thing itself.
  const count = (tag: string): number => common.get(tag) ?? 0
  const told = tags.filter((tag) => common.has(tag)).sort((a, b) => count(b) - count(a) || (a < b ? -1 : 1))
  if (told.length > 0) add('tags', `which words go with ${thing}?`, `${told.slice(0, TAGS).join(', ')}.`)
  const rarest = told.at(-1)
  if (rarest && count(rarest) <= TELLING_TAG) add('name', `name ${aKind} that goes with ${rarest}.`, `${thing}.`)
  return pairs
}

/** Captions and classes are all that a folder says of its pictures. */
function folderPairs({ id, label, caption, group }: PictureInfo, groups: readonly string[]): Candidate[] {
  const pairs: Candidate[] = []
  const add = (template: string, question: string, answer: string) =>
    pairs.push({ unit: `${template} ${label} ${caption}`, question, answer })
  add('describe', `describe ${nounPhrase(label)}.`, caption)
  if (group === '') return pairs
  add('class', `what is in this picture: ${caption}`, nounPhrase(label))
  add('yes', `is ${nounPhrase(label)} in this picture: ${caption}`, `yes, it shows ${nounPhrase(label)}.`)
  const other = oneOther(groups, group, id)
  if (other) add('no', `is ${withArticle(other)} in this picture: ${caption}`, `no, it shows ${nounPhrase(label)}.`)
  return pairs
}

/** One of the names that is not the given one, by chance that depends on `name` alone; undefined if there is none. */
function oneOther(names: readonly string[], given: string, name: string): string | undefined {
  const others = names.filter((other) => other !== given)
  return others[createRandom(0, 'other', name).int(others.length)]
}
