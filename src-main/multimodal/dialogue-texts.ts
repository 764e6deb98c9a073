import { IMAGE } from '../language/text-layout.ts'
import type { VisualDialogue, VisualDialogueSet, VisualDialogueSource } from './dialogue.ts'

/** Dialogues read together. */
const PIECE = 256

/** All dialogues of a set in order, some at a time. */
export async function* eachVisualDialogue(set: VisualDialogueSet): AsyncGenerator<VisualDialogue> {
  for (let begin = 0; begin < set.count; begin += PIECE)
    yield* await set.read(Array.from({ length: Math.min(PIECE, set.count - begin) }, (_, at) => begin + at))
}

/**
 * The turns of all dialogues, what a vocabulary is learned from: the held-out ones as well, since a word that was never seen
 * cannot be asked for.
 */
export async function* eachTurns({
  training,
  heldOut,
  phrases = [],
  unasked = [],
}: Pick<VisualDialogueSource, 'training' | 'heldOut' | 'phrases' | 'unasked'>): AsyncGenerator<
  VisualDialogue['turns']
> {
  if (phrases.length > 0) yield phrases.map((answer) => ({ question: '', answer }))
  for (const set of [...training.values(), ...heldOut.values(), ...unasked])
    for await (const { turns } of eachVisualDialogue(set)) yield turns
}

/** A text with all that stands between its pictures rewritten. */
export const rewrittenText = (text: string, write: (text: string) => string): string =>
  text
    .split(IMAGE)
    .map((part) => write(part))
    .reduce((whole, part) => `${whole}${whole === '' ? '' : '\n'}${IMAGE}${part === '' ? '' : '\n'}${part}`)

/** The same dialogues with all text between their pictures rewritten. */
export function rewrittenDialogues(set: VisualDialogueSet, write: (text: string) => string): VisualDialogueSet {
  const rewritten = (text: string) => rewrittenText(text, write)
  return {
    ...set,
    read: async (rows) =>
      (await set.read(rows)).map((dialogue) => ({
        ...dialogue,
        turns: dialogue.turns.map(({ question, answer }) => ({
          question: rewritten(question),
          answer: rewritten(answer),
        })),
      })),
  }
}
