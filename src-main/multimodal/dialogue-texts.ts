import type { InstructionPair } from '../data/picture-set.ts'
import { IMAGE, type VisualDialogue, type VisualDialogueSet, type VisualDialogueSource } from './dialogue.ts'

/** Dialogues read together. */
const PIECE = 256

/** All dialogues of a set in order, some at a time. */
export async function* eachVisualDialogue(set: VisualDialogueSet): AsyncGenerator<VisualDialogue> {
  for (let begin = 0; begin < set.count; begin += PIECE)
    yield* await set.read(Array.from({ length: Math.min(PIECE, set.count - begin) }, (_, at) => begin + at))
}

const withoutPictures = (text: string): string => text.replaceAll(IMAGE, '').trim()

/**
 * Questions and answers of all dialogues without their pictures: what a vocabulary is learned from. The held-out ones as
 * well, unless only training is wanted: a word that was never seen cannot be asked for.
 */
export async function* eachText(
  { training, heldOut }: Pick<VisualDialogueSource, 'training' | 'heldOut'>,
  sides: 'training' | 'both' = 'both',
): AsyncGenerator<InstructionPair> {
  const sets = [...training.values(), ...(sides === 'both' ? heldOut.values() : [])]
  for (const set of sets)
    for await (const { turns } of eachVisualDialogue(set))
      for (const { question, answer } of turns)
        yield { question: withoutPictures(question), answer: withoutPictures(answer) }
}

/** The same dialogues with all text between their pictures rewritten. */
export function rewrittenDialogues(set: VisualDialogueSet, write: (text: string) => string): VisualDialogueSet {
  const between = (text: string) =>
    text
      .split(IMAGE)
      .map((part) => write(part))
      .reduce((whole, part) => `${whole}${whole === '' ? '' : '\n'}${IMAGE}${part === '' ? '' : '\n'}${part}`)
  return {
    count: set.count,
    read: async (rows) =>
      (await set.read(rows)).map((dialogue) => ({
        ...dialogue,
        turns: dialogue.turns.map(({ question, answer }) => ({ question: between(question), answer: between(answer) })),
      })),
  }
}
