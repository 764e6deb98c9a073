import type { TaskName } from '../../src-shared/multimodal.ts'
import type { EntrySet, Skipped } from '../data/json-entries.ts'
import type { InstructionPair } from '../data/picture-set.ts'
import { IMAGE } from '../language/text-layout.ts'

/** A picture of a set, at one cell of a square grid. */
export interface Placement {
  /** Index in the picture set. */
  picture: number
  row: number
  column: number
}

/** A picture that a dialogue shows: one of the set, several of it on a white square, or a file in a folder. */
export type PictureReference =
  | { kind: 'picture'; picture: number }
  | { kind: 'scene'; side: number; placements: readonly Placement[] }
  | { kind: 'file'; path: string }

/** What a placeholder becomes. */
export interface PlacedPicture {
  picture: PictureReference
  /**
   * read: as the config's `input` says. aggregated: one position for each cell of the coarsest map. flattened: each code,
   * in token order; so it is in answers, where codes are learned.
   */
  form: 'read' | 'aggregated' | 'flattened'
  /** Cells of the coarsest map, row by row, from `from` to before `to`; all of them without it. */
  cells?: { from: number; to: number }
}

/** Multi-turn instruction data: questions and answers in which IMAGE stands for pictures. */
export interface VisualDialogue {
  task: TaskName
  turns: readonly InstructionPair[]
  /** One for each IMAGE, in the order of the text. */
  pictures: readonly PlacedPicture[]
  /** Where it comes from, for messages: "built in: name 17", or the file and the place in it. */
  source: string
}

/** How many IMAGE a dialogue's texts have. */
export const placeholders = (turns: readonly InstructionPair[]): number =>
  turns.reduce((sum, { question, answer }) => sum + `${question} ${answer}`.split(IMAGE).length - 1, 0)

/** Dialogues of one side of a split, by their place. */
export interface VisualDialogueSet extends EntrySet<VisualDialogue> {
  /** Whether places from `count` on, up to 2³¹, are dialogues as well, each another one: training draws from all of them. */
  endless?: boolean
}

/** What Stage II learns from, and what it is held to. */
export interface VisualDialogueSource {
  /** Dialogues of each task that the config asks for. A held-out side may be empty where nothing is held out. */
  training: ReadonlyMap<TaskName, VisualDialogueSet>
  heldOut: ReadonlyMap<TaskName, VisualDialogueSet>
  /** What dialogues beyond the counted ones may name. */
  phrases?: readonly string[]
  /** Dialogues of tasks that the config does not ask for, whose words belong to a vocabulary as well. */
  unasked?: readonly VisualDialogueSet[]
  /** Entries that cannot be used, by what is wrong with them. */
  skipped: Skipped[]
  close(): Promise<void>
}
