import type { InstructionPair } from '../data/picture-set.ts'

/** Stands in a text for a picture. */
export const IMAGE = '<image>'

/** Stands for a picture among token ids (LLaVA's number for it), where IMAGE stood in the text. */
export const PICTURE = -200

/** A question with its pictures in front, a line break behind each, wherever they stood (LLaVA). */
export const pictureFirst = (question: string): string => {
  const pictures = question.split(IMAGE).length - 1
  if (pictures === 0) return question
  return [...Array.from({ length: pictures }, () => IMAGE), question.replaceAll(IMAGE, '').trim()].join('\n').trim()
}

/** Ids of a text, PICTURE where IMAGE stands. Each part between pictures is encoded by itself, as LLaVA does. */
export const encodeAroundPictures = (text: string, encode: (part: string) => number[]): number[] =>
  text.split(IMAGE).flatMap((part, at) => (at === 0 ? encode(part) : [PICTURE, ...encode(part)]))

/** A dialogue as a language model reads it. */
export interface LaidOutText {
  /** Token ids, and PICTURE for each picture. */
  ids: number[]
  /** Of each token, whether the model is to learn it: those of answers, and the token that closes each (Eq. 6). */
  learned: boolean[]
}

/** How dialogues become token ids: by words, or by a pretrained model's own tokenizer and chat template. */
export interface TextLayout {
  /** Fills up sequences; never learned and never seen by a token before it. */
  pad: number
  /** @param turns questions with their answers, in order */
  layOut(turns: readonly InstructionPair[]): LaidOutText
  /** Ids up to where the answer of a question begins. @param before turns that came before it */
  prompt(before: readonly InstructionPair[], question: string): number[]
  /** Ids of a text by itself. */
  encode(text: string): number[]
  /** Text of the tokens of an answer, without special ones. */
  decode(ids: readonly number[]): string
  /** Tokens that close an answer. */
  closing(): readonly number[]
}
