import { textOf } from '../data/dialogue-file.ts'
import { dialogueOf } from '../data/dialogue-of.ts'
import type { Dialogue } from '../data/dialogues.ts'
import { openEntries } from '../data/json-entries.ts'
import { isPicture, listFiles } from '../data/sources/folder-files.ts'
import { IMAGE, pictureFirst } from '../language/text-layout.ts'
import type { PlacedPicture, VisualDialogue, VisualDialogueSource } from './dialogue.ts'

/**
 * Dialogues of a LLaVA json, or jsonl: a list of { id, image, conversations }, where `image` is a name, a list of names, or absent
 * where nothing is shown. A placeholder anywhere in a question is moved to its front and followed by a line break, as LLaVA
 * does; a picture in an answer is one to be painted. The file is read as other dialogues are (see openEntries), and a
 * picture may be a file of the folder and nothing else.
 *
 * Entries that cannot be used are counted and skipped: unknown speakers, no answer, a picture that is not in the folder, more
 * or fewer <image> than pictures. An entry is held out by the hash of the pictures it shows, so that a held-out picture is
 * in no training dialogue, and without pictures by the hash of its texts.
 * @throws DataError if the file or the folder cannot be read, or one side is left empty
 */
export async function openLlavaDialogues(path: string, folder: string): Promise<VisualDialogueSource> {
  const { files } = await listFiles(folder, 'multimodal.picturesPath', isPicture)
  const hasFile = (name: string) => files.indexOf(name) >= 0
  const { training, heldOut, skipped, close } = await openEntries<VisualDialogue>(
    path,
    path.endsWith('.jsonl') ? 'jsonl' : 'llava',
    0,
    {
      plural: 'dialogues',
      parse: (json, place) => visualDialogueOf(json, place, hasFile),
      contentOf: ({ turns, pictures }) =>
        pictures.length > 0
          ? pictures.map(({ picture }) => (picture.kind === 'file' ? picture.path : '')).join('\n')
          : textOf(turns),
    },
  )
  return { training: new Map([['dialogue', training]]), heldOut: new Map([['dialogue', heldOut]]), skipped, close }
}

/** @returns the dialogue, or what is wrong with the entry */
function visualDialogueOf(entry: unknown, source: string, hasFile: (name: string) => boolean): VisualDialogue | string {
  const turns = dialogueOf(entry, pictureFirst)
  if (typeof turns === 'string') return turns
  const names = namesOf((entry as { image?: unknown }).image)
  if (names === null) return 'has an image that is neither a name nor a list of names'
  const files = names.map((name) => name.replaceAll('\\', '/').replace(/^(\.\/)+/, ''))
  if (!files.every(hasFile)) return 'shows a picture that is no file of the folder (symbolic links are not followed)'
  const forms = formsOf(turns)
  if (forms.length !== files.length)
    return `has ${forms.length > files.length ? 'more' : 'fewer'} ${IMAGE} than pictures`
  const pictures = forms.map(
    (form, at): PlacedPicture => ({ picture: { kind: 'file', path: files[at] as string }, form }),
  )
  return { task: 'dialogue', turns, pictures, source }
}

function namesOf(image: unknown): string[] | null {
  if (image === undefined || image === null || image === '') return []
  const names = Array.isArray(image) ? (image as unknown[]) : [image]
  return names.every((name) => typeof name === 'string') ? names : null
}

/** How each placeholder is to be read, in the order of the text. */
const formsOf = (turns: Dialogue): PlacedPicture['form'][] => {
  const count = (text: string) => text.split(IMAGE).length - 1
  return turns.flatMap(({ question, answer }) => [
    ...Array.from({ length: count(question) }, () => 'read' as const),
    ...Array.from({ length: count(answer) }, () => 'flattened' as const),
  ])
}
