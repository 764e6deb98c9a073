import type { TaskName } from '../../../src-shared/multimodal.ts'
import { DataError } from '../../data/source.ts'
import { IMAGE } from '../../language/text-layout.ts'
import type { PictureReference, VisualDialogue } from '../dialogue.ts'
import type { Side, Subjects } from './subjects.ts'

/** What the dialogues of one side of a task are made from. */
export interface TaskSettings {
  subjects: Subjects
  side: Side
  /** Of what is drawn. */
  seed: number
  /** Brings a text into the style of writing. */
  write(text: string): string
  /** Cells of the coarsest code map. */
  cells: number
  /** Turns of a decompression dialogue. */
  segments: number
  /** Share of the training requests to paint that say nothing of the picture. */
  unconditional: number
}

export type Exchange = Pick<VisualDialogue, 'turns' | 'pictures'>

/** One side of a task: its dialogues by their place, each a pure function of the settings and the place. */
export interface Task {
  count: number
  /** Whether places from `count` on are dialogues as well (see VisualDialogueSet). */
  endless?: boolean
  dialogue(row: number): Exchange
}

export interface Question {
  question: string
  answer: string
}

/** Questions about a picture, with their answers. */
export const askingAll = (picture: PictureReference, [first, ...more]: [Question, ...Question[]]): Exchange => ({
  turns: [{ ...first, question: `${IMAGE}\n${first.question}` }, ...more],
  pictures: [{ picture, form: 'read' }],
})

/** A question about a picture, with its answer. */
export const asking = (picture: PictureReference, question: string, answer: string): Exchange =>
  askingAll(picture, [{ question, answer }])

/** @param wanted what the pictures would have to have */
export const tooFew = (task: TaskName, wanted: string): DataError =>
  new DataError(
    `the task "${task}" needs ${wanted}, which the pictures do not have; set multimodal.tasks.${task} to 0, or give more pictures`,
  )
