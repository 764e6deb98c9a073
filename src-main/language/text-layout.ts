import type { InstructionPair } from '../data/picture-set.ts'

/** A dialogue as a language model reads it. */
export interface LaidOutText {
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
}
