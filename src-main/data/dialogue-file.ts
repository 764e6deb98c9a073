import { dialogueOf } from './dialogue-of.ts'
import type { Dialogue, DialogueSource } from './dialogues.ts'
import { type EntryFormat, openEntries } from './json-entries.ts'

/** llava: a JSON list. jsonl: an entry a line. */
export type DialogueFormat = EntryFormat

/**
 * Opens a file of dialogues. Places of pictures (<image>) are taken out: this model reads none.
 * @param limit use at most so many (0: all)
 * @throws DataError as `openEntries`
 */
export async function openDialogueFile(path: string, format: DialogueFormat, limit: number): Promise<DialogueSource> {
  const withoutPictures = (text: string) => text.replaceAll('<image>', '').trim()
  const source = await openEntries<Dialogue>(path, format, limit, {
    plural: 'dialogues',
    parse: (json) => dialogueOf(json, withoutPictures),
    contentOf: textOf,
  })
  return {
    ...source,
    skipped: source.skipped.map(({ reason, count, first }) => ({ reason, count, first: first[0] as string })),
  }
}

/** All that is said in a dialogue. */
export const textOf = (turns: Dialogue): string =>
  turns.map(({ question, answer }) => `${question}\n${answer}`).join('\n')
