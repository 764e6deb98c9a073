import type { InstructionPair } from '../data/picture-set.ts'
import { encodeAroundPictures, IMAGE, type TextLayout } from './text-layout.ts'

/** A word-level tokenizer for small language models trained on the data set's own texts. */
export interface WordTokenizer {
  /** Text of each id, [K]; the first four are <pad>, <unk>, <s>, </s>. */
  tokens: string[]
  encode(text: string): number[]
  decode(ids: readonly number[]): string
}

export const SPECIAL = { pad: 0, unknown: 1, begin: 2, end: 3 } as const
const SPECIAL_TOKENS = ['<pad>', '<unk>', '<s>', '</s>']

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')

/** How often each word occurs in texts that come some at a time. */
export class WordCounts {
  readonly #counts = new Map<string, number>()

  add(pairs: readonly InstructionPair[]): void {
    for (const { question, answer } of pairs)
      for (const word of [...words(question), ...words(answer)])
        this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1)
  }
  /**
   * Vocabulary by falling frequency, ties in alphabetical order; last, where pictures stand in the texts, what stands for one,
   * however many there are.
   */
  vocabulary(minCount: number): string[] {
    const kept = [...this.#counts].filter(
      ([word, count]) => count >= minCount && !SPECIAL_TOKENS.includes(word) && word !== IMAGE,
    )
    kept.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    return [...SPECIAL_TOKENS, ...kept.map(([word]) => word), ...(this.#counts.has(IMAGE) ? [IMAGE] : [])]
  }
}

/** The vocabulary of pairs that are all there. */
export function learnWords(pairs: readonly InstructionPair[], minCount: number): string[] {
  const counts = new WordCounts()
  counts.add(pairs)
  return counts.vocabulary(minCount)
}

export function createWordTokenizer(tokens: string[]): WordTokenizer {
  const ids = new Map(tokens.map((token, id) => [token, id]))
  return {
    tokens,
    encode: (text) => words(text).map((word) => ids.get(word) ?? SPECIAL.unknown),
    decode: (list) => list.map((id) => tokens[id] ?? SPECIAL_TOKENS[SPECIAL.unknown]).join(' '),
  }
}

/** "<s> question answer </s>", of the words that the tokenizer knows; of a dialogue, turn after turn. */
export function wordLayout(tokenizer: WordTokenizer): TextLayout {
  const asked = (question: string): number[] => [
    SPECIAL.begin,
    ...encodeAroundPictures(question, (part) => tokenizer.encode(part)),
  ]
  const answered = (answer: string): number[] => [
    ...encodeAroundPictures(answer, (part) => tokenizer.encode(part)),
    SPECIAL.end,
  ]
  return {
    pad: SPECIAL.pad,
    encode: (text) => tokenizer.encode(text),
    decode: (ids) =>
      tokenizer.decode(ids.filter((id) => id !== SPECIAL.pad && id !== SPECIAL.begin && id !== SPECIAL.end)),
    closing: () => [SPECIAL.end],
    prompt: (before, question) => [
      ...before.flatMap((turn) => [...asked(turn.question), ...answered(turn.answer)]),
      ...asked(question),
    ],
    layOut: (turns) => {
      const parts = turns.flatMap(({ question, answer }) => [
        { ids: asked(question), learned: false },
        { ids: answered(answer), learned: true },
      ])
      return {
        ids: parts.flatMap(({ ids }) => ids),
        learned: parts.flatMap(({ ids, learned }) => ids.map(() => learned)),
      }
    },
  }
}
