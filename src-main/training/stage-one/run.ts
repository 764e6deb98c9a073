import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { TensorFile } from '../../../src-shared/safetensors.ts'
import type { InstructionTexts, PictureSet } from '../../data/picture-set.ts'
import { openRuntime } from '../../engine/runtimes/open-runtime.ts'
import type { State } from '../../engine/runtimes/runtime.ts'
import { withoutLabels } from '../../language/text-batch.ts'
import type { Control, Recorder } from '../recorder.ts'
import { CodeRecord } from './code-record.ts'
import { createFeatureDistance, type FeatureDistance } from './feature-distance.ts'
import { type LanguageSide, type ModelPlaces, openLanguageSide } from './language-side.ts'
import { openNetworks, type StageOneNetworks } from './networks.ts'
import { compileStageOne, type StageOnePrograms } from './programs.ts'
import { provenanceCards } from './provenance.ts'
import { codebookSize, fromCheckpoint, initialState, type Position, start } from './state.ts'

/** A Stage I run, opened: its state, its compiled programs and where it stands. */
export interface StageOneOptions {
  config: ExperimentConfig
  pictures: PictureSet
  texts: InstructionTexts
  recorder: Recorder
  control: Control
  /** The newest checkpoint, or null to begin. */
  resumeFrom: TensorFile | null
  threads: number
  /** Folder where TensorFlow was set up, if it was. */
  tensorflow: string
  /** Folder that keeps compiled graphs. */
  graphs?: string
  models: ModelPlaces
}

/** Everything a step needs. */
export interface Run {
  options: StageOneOptions
  config: ExperimentConfig
  language: LanguageSide
  state: State
  programs: StageOnePrograms
  networks: StageOneNetworks
  featureDistance: FeatureDistance
  position: Position
  /** What is remembered of the codes beside the graph. */
  record: CodeRecord
  codes: number
  /** Indices of the training texts. */
  textRows: number[]
}

export async function openRun(options: StageOneOptions): Promise<Run> {
  const { config, texts, recorder, resumeFrom } = options
  const language = await openLanguageSide(config, texts, options.models)
  reportText(options, language)
  recorder.tokens(config.codebook.paradigm === 'independent' ? [] : language.tokens)
  const fresh = initialState(config, language)
  const codes = codebookSize(config, language.vocabulary)
  const record = new CodeRecord(config, codes)
  const { tensors, position, records } = resumeFrom
    ? fromCheckpoint(resumeFrom, fresh, language.identity)
    : { tensors: fresh, position: structuredClone(start), records: null }
  if (records) record.restore(records)
  const { runtime, sentence } = await openRuntime(config.engine, options)
  recorder.event({ kind: 'log', level: 'info', message: sentence })
  const state = runtime.createState(tensors, language.weights ?? undefined)
  const networks = await openNetworks(config)
  recorder.event({
    kind: 'provenance',
    step: position.step,
    cards: provenanceCards(config, options.pictures, texts, networks),
  })
  const programs = await compileStageOne(config, runtime, state, language, networks)
  return {
    options,
    config,
    language,
    state,
    programs,
    networks,
    featureDistance: createFeatureDistance(runtime, config.data.resolution),
    position,
    record,
    codes,
    textRows: texts.training.map((_, index) => index),
  }
}

function reportText({ config, texts, recorder, pictures }: StageOneOptions, language: LanguageSide): void {
  const log = (level: 'info' | 'warning', message: string) => recorder.event({ kind: 'log', level, message })
  log(
    'info',
    `${pictures.training.length} training and ${pictures.heldOut.length} held-out pictures, ${texts.training.length} training and ${texts.heldOut.length} held-out texts; ${language.sentence}`,
  )
  if (pictures.unreadable.length > 0)
    log(
      'warning',
      `${pictures.unreadable.length} pictures could not be read and are left out, the first: ${pictures.unreadable[0]?.file} (${pictures.unreadable[0]?.reason})`,
    )
  const masked = withoutLabels(
    texts.training.map((pair) => [pair]),
    language.layout,
    config.language.context,
  )
  if (masked.length > 0)
    log(
      'warning',
      `${masked.length} texts have no answer token within ${config.language.context} tokens and teach nothing, the first: "${masked[0]?.[0]?.question}"; raise language.context`,
    )
}
