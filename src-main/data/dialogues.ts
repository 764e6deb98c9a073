import type { EntrySet } from './json-entries.ts'
import type { InstructionPair, InstructionTexts } from './picture-set.ts'

/** Questions with their answers, in order. */
export type Dialogue = readonly InstructionPair[]

/** Dialogues by their place, in memory or in a file. */
export type DialogueSet = EntrySet<Dialogue>

/** The instruction data of a run. */
export interface DialogueSource {
  training: DialogueSet
  heldOut: DialogueSet
  /** Entries that are no dialogue, by what is wrong with them. */
  skipped: { reason: string; count: number; first: string }[]
  close(): Promise<void>
}

const inMemory = (pairs: readonly InstructionPair[]): DialogueSet => ({
  count: pairs.length,
  read: async (rows) => rows.map((row) => [pairs[row] as InstructionPair]),
})

/** Pairs as dialogues of one turn. */
export const dialoguesOfPairs = ({ training, heldOut }: InstructionTexts): DialogueSource => ({
  training: inMemory(training),
  heldOut: inMemory(heldOut),
  skipped: [],
  close: async () => {},
})

/** The same dialogues with every text rewritten. */
export function rewritten(source: DialogueSource, write: (text: string) => string): DialogueSource {
  const side = (set: DialogueSet): DialogueSet => ({
    count: set.count,
    read: async (rows) =>
      (await set.read(rows)).map((turns) =>
        turns.map(({ question, answer }) => ({ question: write(question), answer: write(answer) })),
      ),
  })
  return { ...source, training: side(source.training), heldOut: side(source.heldOut) }
}

/** Dialogues read together. */
const PIECE = 256

/** All dialogues of a set in order, some at a time. @param most how many at most */
export async function* eachDialogue(set: DialogueSet, most = set.count): AsyncGenerator<Dialogue> {
  const count = Math.min(most, set.count)
  for (let begin = 0; begin < count; begin += PIECE)
    yield* await set.read(Array.from({ length: Math.min(PIECE, count - begin) }, (_, at) => begin + at))
}
