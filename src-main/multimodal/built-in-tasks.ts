import type { TaskName } from '../../src-shared/multimodal.ts'
import type { PictureSet } from '../data/picture-set.ts'
import { DataError } from '../data/source.ts'
import { type Writing, writer } from '../data/texts.ts'
import type { VisualDialogue, VisualDialogueSet, VisualDialogueSource } from './dialogue.ts'
import { captionTask } from './tasks/caption.ts'
import { choiceTask } from './tasks/choice.ts'
import { countingTask } from './tasks/counting.ts'
import { decompressionTask } from './tasks/decompression.ts'
import { nameTask } from './tasks/name.ts'
import { paintTask } from './tasks/paint.ts'
import { positionTask } from './tasks/position.ts'
import { sceneNameTask } from './tasks/scene-name.ts'
import { sceneYesNoTask } from './tasks/scene-yes-no.ts'
import { type Side, subjectsOf } from './tasks/subjects.ts'
import type { Task, TaskSettings } from './tasks/task.ts'
import { yesNoTask } from './tasks/yes-no.ts'

export type BuiltInTask = Exclude<TaskName, 'dialogue'>

const FAMILIES: Readonly<Record<BuiltInTask, (settings: TaskSettings) => Task>> = {
  caption: captionTask,
  name: nameTask,
  'yes-no': yesNoTask,
  choice: choiceTask,
  'scene-name': sceneNameTask,
  'scene-yes-no': sceneYesNoTask,
  counting: countingTask,
  position: positionTask,
  paint: paintTask,
  decompression: decompressionTask,
}

/** Tasks that ask for things by what they are called. */
const OF_NAMES: readonly BuiltInTask[] = [
  'name',
  'yes-no',
  'choice',
  'scene-name',
  'scene-yes-no',
  'counting',
  'position',
]

/** Its dialogues hold pictures alone. */
const WORDLESS: BuiltInTask = 'decompression'

export interface BuiltInSettings {
  tasks: readonly BuiltInTask[]
  /** Of what is drawn for training. What is held out, and how it is asked about, depends on the split's seed alone. */
  seed: number
  splitSeed: number
  writing: Writing
  /** Cells of the coarsest code map. */
  cells: number
  segments: number
  unconditional: number
  /** Concepts that are asked about; 0: all. */
  concepts: number
}

/** Pictures with what is known of them. */
export type NamedPictures = Pick<PictureSet, 'pictures' | 'training' | 'heldOut'>

/**
 * Dialogues about the pictures of a set, made from their names, kinds and captions. None is stored: each is a pure function
 * of the seed, the task and its place.
 *
 * caption, name, yes-no, choice, paint and decompression are held out by picture (see Subjects): about unseen concepts, and
 * unseen drawings of known ones. The others are held out by composition (see Compositions): known things in
 * unseen numbers, and in unseen company. A set of which nothing is held out has held-out sides of no dialogue for the
 * former.
 * @throws DataError if the pictures do not have what a task needs
 */
export function builtInDialogues(set: NamedPictures, settings: BuiltInSettings): VisualDialogueSource {
  const { tasks } = settings
  const sides = {
    training: settingsOf(set, settings, 'training'),
    heldOut: settingsOf(set, settings, 'heldOut'),
  }
  const isNamed = sides.training.subjects.known.name.length > 0
  const nameless = tasks.filter((task) => OF_NAMES.includes(task))
  if (!isNamed && nameless.length > 0)
    throw new DataError(
      `the pictures have no names or classes to ask for, as ${nameless.length === 1 ? 'the task' : 'the tasks'} ${nameless.join(', ')} would; set ${nameless.map((task) => `multimodal.tasks.${task}`).join(', ')} to 0`,
    )
  const dialoguesOf = (task: BuiltInTask, name: Side) => lazySet(task, FAMILIES[task](sides[name]))
  const side = (name: Side) => new Map(tasks.map((task) => [task, dialoguesOf(task, name)] as const))
  const { known } = sides.training.subjects
  const phrases = [...known.name, ...known.kind].map(({ phrase }) => sides.training.write(phrase))
  const unasked = (Object.keys(FAMILIES) as BuiltInTask[])
    .filter((task) => !tasks.includes(task) && task !== WORDLESS && (isNamed || !OF_NAMES.includes(task)))
    .flatMap((task) => ifPossible(() => [dialoguesOf(task, 'training'), dialoguesOf(task, 'heldOut')]))
  return { training: side('training'), heldOut: side('heldOut'), phrases, unasked, skipped: [], close: async () => {} }
}

/** Sets of a task that nobody asked for; none where the pictures do not have what it needs. */
function ifPossible(make: () => VisualDialogueSet[]): VisualDialogueSet[] {
  try {
    return make()
  } catch (error) {
    if (error instanceof DataError) return []
    throw error
  }
}

/** What the dialogues of a side are made from: for the tasks' own questions, as the official files ask them. */
export const settingsOf = (
  set: NamedPictures,
  { seed, splitSeed, writing, cells, segments, unconditional, concepts }: BuiltInSettings,
  side: Side,
): TaskSettings => ({
  subjects: subjectsOf(set, splitSeed, concepts),
  side,
  seed: side === 'training' ? seed : splitSeed,
  write: writer(writing),
  cells,
  segments,
  unconditional,
})

/** Places that are read once at the beginning: what a task lacks is found before the first step. */
const TRIED = 64

function lazySet(task: BuiltInTask, { count, endless = false, dialogue }: Task): VisualDialogueSet {
  const at = (row: number): VisualDialogue => {
    if (!(Number.isInteger(row) && row >= 0 && (endless || row < count)))
      throw new RangeError(`there is no dialogue ${row} of the task "${task}"; it has ${count}`)
    return { task, ...dialogue(row), source: `built in: ${task} ${row}` }
  }
  for (let row = 0; row < Math.min(TRIED, count); row++) at(row)
  return { count, endless, read: async (rows) => rows.map(at) }
}
