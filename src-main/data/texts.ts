import { withArticle } from './emoji.ts'
import type { InstructionPair, InstructionTexts, PictureInfo, PictureSet } from './picture-set.ts'
import { createRandom } from './random.ts'

/** Share of the pairs held out. A concept's other pairs stay in training, so its words are known. */
const HELD_OUT = 0.1
/** Tags of a concept that its texts mention. */
const TAGS = 3

/** Lower case, words and punctuation apart, as a word-level tokenizer reads them. */
export const plainText = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}?.,]+/gu, ' ')
    .replace(/([?.,])/g, ' $1 ')
    .replace(/\s+/g, ' ')
    .trim()

/**
 * Instruction-answer pairs made from the names, tags and groups of the pictures, without repetitions, in a fixed order.
 * The pictures' own split does not matter here: the language model reads no pictures.
 */
export function buildTexts(pictures: Pick<PictureSet, 'pictures'>): InstructionTexts {
  const seen = new Set<string>()
  const texts: InstructionTexts = { training: [], heldOut: [] }
  const groups = [...new Set(pictures.pictures.map(({ group }) => group).filter(Boolean))]
  for (const picture of pictures.pictures)
    for (const pair of pairsOf(picture, groups)) {
      const [question, answer] = [plainText(pair.question), plainText(pair.answer)]
      const key = `${question}\n${answer}`
      if (answer === '' || seen.has(key)) continue
      seen.add(key)
      const side = createRandom(0, 'text', key).uniform() < HELD_OUT ? texts.heldOut : texts.training
      side.push({ question, answer })
    }
  if (texts.heldOut.length === 0 && texts.training.length > 1)
    texts.heldOut.push(texts.training.pop() as InstructionPair)
  return texts
}

function pairsOf(
  { label, caption, group, subgroup, tags, id }: PictureInfo,
  groups: readonly string[],
): InstructionPair[] {
  const thing = withArticle(label)
  const pairs: InstructionPair[] = []
  if (caption) pairs.push({ question: `describe ${thing}.`, answer: caption })
  if (subgroup) pairs.push({ question: `what kind of thing is ${thing}?`, answer: `it is a kind of ${subgroup}.` })
  if (group && groups.length > 1) {
    pairs.push({ question: `is ${thing} of the group ${group}?`, answer: `yes, it is of the group ${group}.` })
    const others = groups.filter((other) => other !== group)
    const other = others[createRandom(0, 'other group', id).int(others.length)] as string
    pairs.push({ question: `is ${thing} of the group ${other}?`, answer: `no, it is of the group ${group}.` })
  }
  if (tags.length > 0) pairs.push({ question: `which words go with ${thing}?`, answer: tags.slice(0, TAGS).join(', ') })
  if (label) pairs.push({ question: `name something that goes with ${tags[0] ?? label}.`, answer: thing })
  return pairs
}
