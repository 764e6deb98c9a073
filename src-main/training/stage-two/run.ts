import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { type TaskName, taskNames } from '../../../src-shared/multimodal.ts'
import type { Dialogue, DialogueSource } from '../../data/dialogues.ts'
import { permutation } from '../../data/permutation.ts'
import type { Program } from '../../engine/runtimes/runtime.ts'
import type {
  PictureReference,
  VisualDialogue,
  VisualDialogueSet,
  VisualDialogueSource,
} from '../../multimodal/dialogue.ts'
import { type DialogueProblem, learnable } from '../../multimodal/dialogue-problem.ts'
import { type Sequence, sequenceOf } from '../../multimodal/sequence.ts'
import type { Control, Recorder } from '../recorder.ts'
import { DialogueDraw } from './batches.ts'
import { type ModelOptions, type OpenedModel, openForTraining } from './open-model.ts'
import { type PictureEncoder, pictureEncoder } from './picture-encoder.ts'
import { type PictureTokens, pictureTokens } from './picture-tokens.ts'
import { ProgramShelf } from './program-shelf.ts'
import { type BatchSize, compileJudge, compileStep, type TrainingProgram } from './programs.ts'

/** What a judge needs: the class of each picture of the set, and which ones a model was trained on. */
export interface JudgedPictures {
  /** Class of a picture by its index; '' for none. */
  classOf(picture: number): string
  training: readonly number[]
}

export interface StageTwoOptions extends ModelOptions {
  /** As in Stage I: a small language model's words come from these. */
  texts: DialogueSource
  visual: AsyncIterable<Dialogue>
  dialogues: VisualDialogueSource
  /** U8 [S, S, 3] of a picture at the side at which pictures are read. */
  pixelsOf: (reference: PictureReference) => Promise<Uint8Array>
  judged: JudgedPictures
  recorder: Recorder
  control: Control
}

/** A held-out dialogue, and its place in the held-out side of its task. */
export interface HeldOutDialogue extends VisualDialogue {
  place: number
}

/** A Stage II run, opened. */
export interface StageTwoRun extends OpenedModel {
  options: StageTwoOptions
  pictures: PictureTokens
  encoder: PictureEncoder
  draw: DialogueDraw
  /** The held-out dialogues that are evaluated when training ends, by task; before, the first ones. All can be laid out. */
  heldOut: ReadonlyMap<TaskName, HeldOutDialogue[]>
  /** @throws DataError for a picture that cannot be read; what `sequenceOf` throws */
  layOut(dialogue: VisualDialogue): Promise<Sequence>
  steps: ProgramShelf<TrainingProgram>
  judges: ProgramShelf<Program>
  /** Dialogues that were drawn and could not be learned from, by what is wrong with them. */
  problems: Map<string, { count: number; first: string }>
}

/** Programs kept at a time, as many as a run has sizes of batches; each has the memory of its activations. */
const KEPT_PROGRAMS = 8
/** Pictures that go through the encoder together: dialogues are laid out one by one, and fewer take as long. */
const PICTURES_AT_ONCE = 1

export async function openStageTwo(options: StageTwoOptions): Promise<StageTwoRun> {
  const { config, recorder } = options
  const opened = await openForTraining(options, options)
  const { runtime, state, model, rules } = opened
  recorder.event({ kind: 'log', level: 'info', message: `Stage II: ${opened.sentence}` })
  const encoder = pictureEncoder(config, runtime, state, opened, PICTURES_AT_ONCE)
  const pictures = pictureTokens(encoder, options.pixelsOf)
  const layOut = async (dialogue: VisualDialogue): Promise<Sequence> => {
    const tokenized = await pictures.of(dialogue.pictures.map(({ picture }) => picture))
    return sequenceOf(dialogue, tokenized, rules)
  }
  const problems: StageTwoRun['problems'] = new Map()
  const draw = new DialogueDraw(config, learnableSets(options), layOut, (dialogue, problem) =>
    countProblem(problems, dialogue, problem),
  )
  return {
    ...opened,
    options,
    pictures,
    encoder,
    draw,
    heldOut: await judgeable(await heldOutDialogues(options), layOut, options),
    layOut,
    steps: new ProgramShelf((size: BatchSize) => compileStep(runtime, state, model, size), KEPT_PROGRAMS),
    judges: new ProgramShelf((size: BatchSize) => compileJudge(runtime, state, model, size), KEPT_PROGRAMS),
    problems,
  }
}

/** Tasks that a paradigm can do, of those that are wanted: an encoder's features can be read, but are no tokens to write. */
export const canDo = ({ multimodal }: Pick<ExperimentConfig, 'multimodal'>, task: TaskName): boolean =>
  multimodal.paradigm !== 'visual-encoder' || (task !== 'paint' && task !== 'decompression')

/** Sets of the tasks that are learned. */
function learnableSets({ config, dialogues, recorder }: StageTwoOptions): Map<TaskName, VisualDialogueSet> {
  const sets = new Map<TaskName, VisualDialogueSet>()
  for (const [task, set] of dialogues.training) {
    if (canDo(config, task)) sets.set(task, set)
    else
      recorder.event({
        kind: 'log',
        level: 'info',
        message: `the task "${task}" is left out: a visual encoder's features can be read but not written`,
      })
  }
  return sets
}

/** So many of something, one by one: "each of 3 held-out dialogues is". */
export const eachOf = (count: number, what: string): string => (count === 1 ? `a ${what}` : `each of ${count} ${what}s`)

/** The same held-out dialogues at every evaluation and of every seed, drawn from the whole set. */
async function heldOutDialogues({ config, dialogues }: StageTwoOptions): Promise<Map<TaskName, HeldOutDialogue[]>> {
  const chosen = new Map<TaskName, HeldOutDialogue[]>()
  for (const task of taskNames) {
    const set = dialogues.heldOut.get(task)
    if (!set || set.count === 0 || !canDo(config, task)) continue
    const { evaluateDialogues, evaluateDialoguesLast } = config.multimodal
    const count = Math.min(Math.max(evaluateDialogues, evaluateDialoguesLast), set.count)
    // By chance, not by a stride: what a set goes round in would come in step with it.
    const order = permutation(set.count, config.data.splitSeed, 'evaluated', task)
    const places = Array.from({ length: count }, (_, at) => order(at))
    const read = await set.read(places)
    chosen.set(
      task,
      read.map((dialogue, at) => ({ ...dialogue, place: places[at] as number })),
    )
  }
  return chosen
}

/** Those of them that a model can be held to. The others are told, or end the run if its config says so. */
async function judgeable(
  chosen: ReadonlyMap<TaskName, HeldOutDialogue[]>,
  layOut: StageTwoRun['layOut'],
  { config, recorder }: StageTwoOptions,
): Promise<Map<TaskName, HeldOutDialogue[]>> {
  const { context, problems: policy } = config.multimodal
  const kept = new Map<TaskName, HeldOutDialogue[]>()
  const problems: StageTwoRun['problems'] = new Map()
  for (const [task, dialogues] of chosen)
    for (const dialogue of dialogues) {
      const found = await learnable(() => layOut(dialogue), context)
      if ('sequence' in found) kept.set(task, [...(kept.get(task) ?? []), dialogue])
      else countProblem(problems, dialogue, found)
    }
  for (const [problem, { count, first }] of problems) {
    const message = `${eachOf(count, 'held-out dialogue')} ${problem}; the first: ${first}`
    if (policy === 'stop')
      throw new Error(`${message}; raise multimodal.context, mend them, or set multimodal.problems to "skip"`)
    recorder.event({ kind: 'log', level: 'warning', message: `${message}; they are not evaluated` })
  }
  return kept
}

function countProblem(
  problems: StageTwoRun['problems'],
  { task, source }: VisualDialogue,
  { problem, detail }: DialogueProblem,
): void {
  const known = problems.get(problem)
  if (known) known.count++
  else problems.set(problem, { count: 1, first: `${task}, ${source}${detail}` })
}
