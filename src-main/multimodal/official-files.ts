import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodePng } from '../data/png.ts'
import { type BuiltInSettings, builtInDialogues, type NamedPictures, settingsOf } from './built-in-tasks.ts'
import type { PictureReference, VisualDialogue } from './dialogue.ts'
import { eachVisualDialogue } from './dialogue-texts.ts'
import { type PictureOrigin, pixelsOf } from './scene-pixels.ts'
import { choiceQuestions, letters } from './tasks/choice.ts'
import { type Strategy, strategies } from './tasks/others.ts'
import type { Side } from './tasks/subjects.ts'
import type { TaskSettings } from './tasks/task.ts'
import { popeQuestion, yesNoQuestions } from './tasks/yes-no.ts'

export interface OfficialFiles {
  /** Folder that they are written to; made if need be. */
  folder: string
  side: Side
  /** Dialogues of each task, questions of each POPE file, and questions of MMBench before rotation; 0: all. */
  limit: number
}

/** Names of the files in the folder. */
export const OFFICIAL = {
  pictures: 'images',
  llava: 'dialogues.json',
  pope: (strategy: Strategy) => `pope_${strategy}.json`,
  mmbench: 'mmbench.tsv',
} as const

/** What may stand in the folder afterwards: files, and the folder of pictures. */
export const officialNames: readonly string[] = [
  OFFICIAL.llava,
  ...strategies.map(OFFICIAL.pope),
  OFFICIAL.mmbench,
  OFFICIAL.pictures,
]

/**
 * The built-in tasks in the official formats of the field, so that other programs can be measured by them: dialogues of all
 * tasks that ask about pictures as LLaVA's json, yes-no as the three files of POPE, and choice as a tsv of MMBench. Pictures
 * are PNG files of the set's resolution in one folder; MMBench holds its own. Pictures in answers are in none of these
 * formats, so painting and decompression are left out.
 */
export async function writeOfficialFiles(
  set: NamedPictures & PictureOrigin['set'],
  settings: BuiltInSettings,
  { folder, side, limit }: OfficialFiles,
): Promise<void> {
  const pictures = new PictureFiles(set, join(folder, OFFICIAL.pictures))
  await mkdir(pictures.folder, { recursive: true })
  const reading = settings.tasks.filter((task) => task !== 'paint' && task !== 'decompression')
  const questions = settingsOf(set, settings, side)
  const source = builtInDialogues(set, { ...settings, tasks: reading })
  const dialogues = [...source[side].values()].map((dialogues) => ({
    ...dialogues,
    count: limit === 0 ? dialogues.count : Math.min(limit, dialogues.count),
  }))
  await writeLines(join(folder, OFFICIAL.llava), async function* () {
    let before = '['
    for (const some of dialogues)
      for await (const dialogue of eachVisualDialogue(some)) {
        yield `${before}\n${JSON.stringify(await llavaEntry(dialogue, pictures))}`
        before = ','
      }
    yield before === '[' ? '[]\n' : '\n]\n'
  })
  if (reading.includes('yes-no')) await writePope(folder, questions, pictures, limit)
  if (reading.includes('choice'))
    await writeLines(join(folder, OFFICIAL.mmbench), () => mmbenchLines(questions, pictures, limit))
}

/** The PNG file of each picture that is shown, written once. */
class PictureFiles {
  readonly folder: string
  readonly #set: PictureOrigin['set']
  readonly #names = new Map<string, string>()

  constructor(set: PictureOrigin['set'], folder: string) {
    this.#set = set
    this.folder = folder
  }

  async png(picture: PictureReference): Promise<Uint8Array> {
    const { resolution } = this.#set
    const pixels = await pixelsOf(picture, resolution, { set: this.#set, folder: '', crop: 'cover' })
    return encodePng(pixels, resolution, resolution)
  }

  /** Name of the file in the folder. */
  async nameOf(picture: PictureReference): Promise<string> {
    const key = JSON.stringify(picture)
    const known = this.#names.get(key)
    if (known) return known
    const name = `${String(this.#names.size).padStart(6, '0')}.png`
    this.#names.set(key, name)
    await writeFile(join(this.folder, name), await this.png(picture))
    return name
  }
}

async function writeLines(path: string, pieces: () => AsyncGenerator<string>): Promise<void> {
  const file = await open(path, 'w')
  try {
    for await (const piece of pieces()) await file.write(piece)
  } finally {
    await file.close()
  }
}

async function llavaEntry({ turns, pictures, source }: VisualDialogue, files: PictureFiles): Promise<object> {
  const names: string[] = []
  for (const { picture } of pictures) names.push(await files.nameOf(picture))
  return {
    id: source,
    image: names.length === 1 ? names[0] : names,
    conversations: turns.flatMap(({ question, answer }) => [
      { from: 'human', value: question },
      { from: 'gpt', value: answer },
    ]),
  }
}

/** A file for each strategy: a JSON object a line, half of them with the label "yes". */
async function writePope(folder: string, settings: TaskSettings, pictures: PictureFiles, limit: number): Promise<void> {
  const { count, at } = yesNoQuestions(settings)
  for (const strategy of strategies)
    await writeLines(join(folder, OFFICIAL.pope(strategy)), async function* () {
      let written = 0
      for (let row = 0; row < count && (limit === 0 || written < limit); row++) {
        const question = at(row)
        if (question.strategy !== strategy) continue
        const image = await pictures.nameOf({ kind: 'picture', picture: question.picture })
        const text = settings.write(popeQuestion(question.phrase))
        const label = question.isThere ? 'yes' : 'no'
        yield `${JSON.stringify({ question_id: ++written, image, text, label })}\n`
      }
    })
}

/** What MMBench adds to the index of a question for each rotation of its options. */
const ROTATED = 1_000_000

/** A tab-separated table with a line of names; a question's four rotations have indices that are equal modulo 1,000,000. */
async function* mmbenchLines(settings: TaskSettings, pictures: PictureFiles, limit: number): AsyncGenerator<string> {
  const { count, at, rotated } = choiceQuestions(settings)
  const line = (fields: readonly (string | number)[]) => `${fields.map(tsvField).join('\t')}\n`
  yield line(['index', 'question', 'hint', ...letters, 'answer', 'category', 'image'])
  const questions = count / letters.length
  for (let index = 0; index < questions && (limit === 0 || index < limit); index++) {
    const { number, picture } = at(index)
    const image = Buffer.from(await pictures.png({ kind: 'picture', picture })).toString('base64')
    for (const rotation of letters.keys()) {
      const { question, options, answer, category } = rotated(number, rotation)
      const words = [question, '', ...options].map(settings.write)
      yield line([index + ROTATED * rotation, ...words, answer, category, image])
    }
  }
}

/** As pandas reads it: in quotation marks, doubled within, where it holds one, a tab or a line break. */
const tsvField = (field: string | number): string =>
  /["\t\r\n]/.test(String(field)) ? `"${String(field).replaceAll('"', '""')}"` : String(field)
