import type {
  AskedOfModel,
  DialogueCheck,
  ModelAbilities,
  ShownDialogue,
} from '../../../src-shared/contract/multimodal.ts'
import { type TaskName, taskNames } from '../../../src-shared/multimodal.ts'
import type { PictureReference, VisualDialogue, VisualDialogueSet } from '../../multimodal/dialogue.ts'
import { type DialogueProblem, learnable, problemOfError } from '../../multimodal/dialogue-problem.ts'
import { problemOf, sequenceOf, type TokenizedPicture } from '../../multimodal/sequence.ts'
import { shownPositions } from '../../multimodal/shown-dialogue.ts'
import { canDo } from '../../training/stage-two/run.ts'
import { ModelError } from './model-error.ts'
import type { RunModel } from './open-run-model.ts'
import type { AnswerOfModel } from './procedures.ts'
import { picturesFile } from './run-pictures.ts'

/** Offenders that are named for each problem. */
const NAMED = 10
/** Dialogues that are checked before others get their turn. */
const PIECE = 64
const SIDES = ['training', 'heldOut'] as const

/** Tasks that the run's model learned. */
export const learnedTasks = ({ opened: { config }, dialogues }: RunModel): ModelAbilities['tasks'] =>
  taskNames.filter((task) => dialogues.training.has(task) && canDo(config, task))

/** Some dialogues of a task as the model reads them, by the code that lays them out for training. */
export async function showDialogues(
  model: RunModel,
  { task, side, from, count }: AskedOfModel['dialogues'],
): Promise<AnswerOfModel<'dialogues'>> {
  const set = setOf(model, task, side)
  const rows = Array.from({ length: Math.max(0, Math.min(count, set.count - from)) }, (_, at) => from + at)
  const shown: ShownDialogue[] = []
  const pictures = new Map<string, ShownPicture>()
  for (const dialogue of await set.read(rows)) shown.push(await show(model, dialogue, pictures))
  const read = [...pictures.values()]
  return {
    total: set.count,
    dialogues: shown,
    codes: read.map(({ codes }) => model.numbers.maps(codes)),
    file: picturesFile(
      read.map(({ pixels }) => pixels),
      model.speaker.resolution,
    ),
  }
}

function setOf(model: RunModel, task: TaskName, side: (typeof SIDES)[number]): VisualDialogueSet {
  const set = model.dialogues[side].get(task)
  if (set) return set
  throw new ModelError(
    'not-found',
    `the run has no dialogues of the task "${task}": multimodal.tasks.${task} is 0`,
    `Choose one of ${learnedTasks(model).join(', ')}.`,
  )
}

interface ShownPicture extends TokenizedPicture {
  pixels: Uint8Array
}

/** @param known the pictures that were read so far, by what they are */
async function show(
  model: RunModel,
  dialogue: VisualDialogue,
  known: Map<string, ShownPicture>,
): Promise<ShownDialogue> {
  const { opened, numbers } = model
  const { task, source } = dialogue
  const turns = dialogue.turns.map(({ question, answer }) => ({ question, answer }))
  try {
    const keys = dialogue.pictures.map(({ picture }) => JSON.stringify(picture))
    for (const [at, key] of keys.entries())
      if (!known.has(key)) known.set(key, await read(model, dialogue.pictures[at]?.picture as PictureReference))
    const all = [...known.keys()]
    const pictures = keys.map((key) => all.indexOf(key))
    const sequence = sequenceOf(
      dialogue,
      keys.map((key) => known.get(key) as ShownPicture),
      opened.rules,
    )
    const { tokens: words } = opened.language
    const isUnified = opened.config.multimodal.paradigm === 'unified'
    const positions = shownPositions(sequence, {
      layout: opened.layout,
      tokenOf: opened.rules.tokens.tokenOf,
      word: (token) => words[token] ?? `token ${token}`,
      code: (code) =>
        (isUnified ? words[opened.rules.tokens.tokenOf(code)] : undefined) ?? `code ${numbers.shown(code)}`,
    })
    const problem = problemOf(sequence, opened.config.multimodal.context)
    return { task, source, turns, positions, pictures, problem }
  } catch (error) {
    return { task, source, turns, positions: [], pictures: [], problem: problemOfError(error).problem }
  }
}

async function read({ speaker, pixelsOf }: RunModel, reference: PictureReference): Promise<ShownPicture> {
  const pixels = await pixelsOf(reference)
  return { ...((await speaker.encode([pixels]))[0] as TokenizedPicture), pixels }
}

/**
 * Looks at dialogues of every task and side, spread over each set: whether there is anything in them to be learned, and
 * whether their files can be read. The codes of their pictures do not matter to that and are not worked out.
 */
export async function checkDialogues(
  model: RunModel,
  { most }: AskedOfModel['checkDialogues'],
  signal: AbortSignal,
): Promise<{ checks: DialogueCheck[]; skipped: { reason: string; count: number; first: string[] }[] }> {
  const checks: DialogueCheck[] = []
  for (const task of taskNames)
    for (const side of SIDES) {
      const set = model.dialogues[side].get(task)
      if (set) checks.push(await check(model, set, { task, side, most }, signal))
    }
  return {
    checks,
    skipped: model.dialogues.skipped.map(({ reason, count, first }) => ({ reason, count, first: [...first] })),
  }
}

async function check(
  model: RunModel,
  set: VisualDialogueSet,
  { task, side, most }: Pick<DialogueCheck, 'task' | 'side'> & { most: number },
  signal: AbortSignal,
): Promise<DialogueCheck> {
  const looked = Math.min(most, set.count)
  const problems = new Map<string, DialogueCheck['problems'][number]>()
  for (let begin = 0; begin < looked; begin += PIECE) {
    signal.throwIfAborted()
    const rows = Array.from({ length: Math.min(PIECE, looked - begin) }, (_, at) =>
      Math.floor(((begin + at) * set.count) / looked),
    )
    for (const dialogue of await set.read(rows)) {
      const found = await problemIn(model, dialogue)
      if (!found) continue
      const { problem, detail } = found
      const known = problems.get(problem) ?? { problem, count: 0, first: [] }
      known.count++
      if (known.first.length < NAMED) known.first.push(dialogue.source + detail)
      problems.set(problem, known)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { task, side, looked, count: set.count, problems: [...problems.values()] }
}

async function problemIn({ opened, pixelsOf }: RunModel, dialogue: VisualDialogue): Promise<DialogueProblem | null> {
  const { layout, shape, rules, config } = opened
  const blank: TokenizedPicture = {
    codes: new Int32Array(layout.cells * layout.slots),
    features: new Float32Array(layout.cells * shape.features),
  }
  const blanks = dialogue.pictures.map(() => blank)
  const found = await learnable(async () => {
    for (const file of filesOf(dialogue)) await pixelsOf(file)
    return sequenceOf(dialogue, blanks, rules)
  }, config.multimodal.context)
  return 'sequence' in found ? null : found
}

const filesOf = ({ pictures }: VisualDialogue): PictureReference[] =>
  pictures.flatMap(({ picture }) => (picture.kind === 'file' ? [picture] : []))
