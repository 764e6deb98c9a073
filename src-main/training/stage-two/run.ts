import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { type TaskName, taskNames } from '../../../src-shared/multimodal.ts'
import type { TensorFile } from '../../../src-shared/safetensors.ts'
import type { Dialogue, DialogueSource } from '../../data/dialogues.ts'
import { openRuntime } from '../../engine/runtimes/open-runtime.ts'
import type { HostTensor, Program, State } from '../../engine/runtimes/runtime.ts'
import type {
  PictureReference,
  VisualDialogue,
  VisualDialogueSet,
  VisualDialogueSource,
} from '../../multimodal/dialogue.ts'
import { codeTokens, type PictureLayout, pictureLayout } from '../../multimodal/picture-layout.ts'
import type { PositionShape } from '../../multimodal/positions.ts'
import { type Sequence, type SequenceRules, sequenceOf } from '../../multimodal/sequence.ts'
import { fromCheckpoint, stageOf } from '../checkpoint.ts'
import type { Control, Recorder } from '../recorder.ts'
import { type LanguageSide, type ModelPlaces, openLanguageSide } from '../stage-one/language-side.ts'
import { CODES, IDS } from '../stage-one/state.ts'
import { DialogueDraw } from './batches.ts'
import { openPictureTokens, type PictureTokens } from './picture-tokens.ts'
import { ProgramShelf } from './program-shelf.ts'
import {
  accumulators,
  type BatchSize,
  compileJudge,
  compileStep,
  type StageTwoModel,
  type TrainingProgram,
} from './programs.ts'
import { languageConfig, learnedNames, positionShape, type StageTwoPosition, stageTwoState } from './state.ts'

export interface StageTwoOptions {
  config: ExperimentConfig
  /** As in Stage I: a small language model's words come from these. */
  texts: DialogueSource
  visual: AsyncIterable<Dialogue>
  dialogues: VisualDialogueSource
  /** U8 [S, S, 3] of a picture at the side at which pictures are read. */
  pixelsOf: (reference: PictureReference) => Promise<Uint8Array>
  recorder: Recorder
  control: Control
  /** The newest checkpoint: of Stage II to go on, or the last one of Stage I to begin. */
  checkpoint: TensorFile
  threads: number
  tensorflow: string
  graphs?: string
  models: ModelPlaces
}

/** A Stage II run, opened. */
export interface StageTwoRun {
  options: StageTwoOptions
  config: ExperimentConfig
  language: LanguageSide
  state: State
  shape: PositionShape
  layout: PictureLayout
  rules: SequenceRules
  /** Token that fills up sequences. */
  pad: number
  position: StageTwoPosition
  pictures: PictureTokens
  draw: DialogueDraw
  /** The held-out dialogues that are evaluated, by task. */
  heldOut: ReadonlyMap<TaskName, VisualDialogue[]>
  layOut(dialogues: readonly VisualDialogue[]): Promise<Sequence[]>
  steps: ProgramShelf<TrainingProgram>
  judges: ProgramShelf<Program>
  /** Dialogues that were drawn and could not be learned from, by what is wrong with them. */
  problems: Map<string, { count: number; first: string }>
}

/** Programs kept at a time; each has the memory of its activations. */
const KEPT_PROGRAMS = 4

export async function openStageTwo(options: StageTwoOptions): Promise<StageTwoRun> {
  const { config, checkpoint, recorder } = options
  const language = await openLanguageSide(languageConfig(config), options, options.models)
  const resumes = stageOf(checkpoint) === 'two'
  const fresh = await stageTwoState(config, checkpoint, language)
  const { tensors, position } = resumes
    ? fromCheckpoint<StageTwoPosition>(checkpoint, fresh, language.identity, { step: 0 })
    : { tensors: fresh, position: { step: 0 } }
  const [codes, width] = (tensors[CODES] as HostTensor).shape as [number, number]
  const layout = pictureLayout(config)
  const shape = positionShape(config, width)
  const learned = learnedNames(config, language, shape, codes)
  const { runtime, sentence } = await openRuntime(config.engine, options)
  recorder.event({ kind: 'log', level: 'info', message: `Stage II: ${language.sentence}; ${sentence}` })
  const state = runtime.createState(
    { ...tensors, ...accumulators(config, tensors, learned) },
    language.weights ?? undefined,
  )
  const ids = (tensors[IDS]?.data as Int32Array | undefined) ?? null
  const model: StageTwoModel = {
    config,
    llama: language.shape,
    reading: { config, shape, table: CODES, ids: ids ? IDS : null },
    learned,
  }
  const rules: SequenceRules = {
    layout,
    tokens: codeTokens(config, layout, { vocabulary: language.vocabulary, ids, codes }),
    text: language.layout,
    input: config.multimodal.paradigm === 'visual-encoder' ? 'features' : config.multimodal.input,
  }
  const pictures = await openPictureTokens(config, runtime, state, { layout, shape }, options.pixelsOf)
  const layOut = async (dialogues: readonly VisualDialogue[]): Promise<Sequence[]> => {
    const references = dialogues.flatMap((dialogue) => dialogue.pictures.map(({ picture }) => picture))
    const tokenized = await pictures.of(references)
    let at = 0
    return dialogues.map((dialogue) => {
      const own = tokenized.slice(at, at + dialogue.pictures.length)
      at += dialogue.pictures.length
      return sequenceOf(dialogue, own, rules)
    })
  }
  const problems: StageTwoRun['problems'] = new Map()
  const draw = new DialogueDraw(config, learnable(options), layOut, (dialogue, problem) => {
    const known = problems.get(problem)
    if (known) known.count++
    else problems.set(problem, { count: 1, first: `${dialogue.task}, ${dialogue.source}` })
  })
  return {
    options,
    config,
    language,
    state,
    shape,
    layout,
    rules,
    pad: language.layout.pad,
    position,
    pictures,
    draw,
    heldOut: await heldOutDialogues(options),
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
function learnable({ config, dialogues, recorder }: StageTwoOptions): Map<TaskName, VisualDialogueSet> {
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

/** The same held-out dialogues at every evaluation, spread over the whole set. */
async function heldOutDialogues({ config, dialogues }: StageTwoOptions): Promise<Map<TaskName, VisualDialogue[]>> {
  const chosen = new Map<TaskName, VisualDialogue[]>()
  for (const task of taskNames) {
    const set = dialogues.heldOut.get(task)
    if (!set || set.count === 0 || !canDo(config, task)) continue
    const count = Math.min(config.multimodal.evaluateDialogues, set.count)
    chosen.set(task, await set.read(Array.from({ length: count }, (_, at) => Math.floor((at * set.count) / count))))
  }
  return chosen
}
