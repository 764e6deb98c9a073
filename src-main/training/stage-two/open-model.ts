import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { pretrainedEncoder } from '../../../src-shared/multimodal.ts'
import type { TensorFile } from '../../../src-shared/safetensors.ts'
import { prefixed } from '../../engine/parameters.ts'
import { openRuntime } from '../../engine/runtimes/open-runtime.ts'
import type { HostTensor, Runtime, State } from '../../engine/runtimes/runtime.ts'
import type { Reading } from '../../multimodal/model.ts'
import { codeTokens, type PictureLayout, pictureLayout } from '../../multimodal/picture-layout.ts'
import type { PositionShape } from '../../multimodal/positions.ts'
import type { SequenceRules } from '../../multimodal/sequence.ts'
import { fromCheckpoint, stageOf } from '../checkpoint.ts'
import { type LanguageSide, type ModelPlaces, openLanguageSide, type WordSources } from '../stage-one/language-side.ts'
import { CODES, IDS } from '../stage-one/state.ts'
import { type PatchEncoder, patchOpener } from './patch-encoder.ts'
import { accumulators, type StageTwoModel } from './programs.ts'
import {
  keptState,
  languageConfig,
  learnedNames,
  momentsOf,
  positionShape,
  type StageTwoPosition,
  stageTwoParameters,
} from './state.ts'

export interface ModelOptions {
  config: ExperimentConfig
  /** Gives the newest checkpoint: of Stage II, or the last one of Stage I, from which Stage II begins. It is asked once. */
  checkpoint: () => TensorFile
  threads: number
  tensorflow: string
  graphs?: string
  models: ModelPlaces
}

/** The model of Stage II in a runtime. */
export interface OpenedModel {
  config: ExperimentConfig
  /** Its weights are in the state alone. */
  language: Omit<LanguageSide, 'initial'>
  runtime: Runtime
  state: State
  model: StageTwoModel
  shape: PositionShape
  layout: PictureLayout
  rules: SequenceRules
  /** Opens the pretrained network that reads pictures; null where Stage I's encoder does. */
  openPatches: (() => Promise<PatchEncoder>) | null
  /** Token that fills up sequences. */
  pad: number
  /** Rows of the codebook's table. */
  codes: number
  /** Token id of each code, where the codes are some of the vocabulary's rows; else null. */
  ids: Int32Array | null
  /** False for a model that knows text alone. */
  seesPictures: boolean
  position: StageTwoPosition
  /** A sentence for the log. */
  sentence: string
}

/**
 * @param words a small language model's words, or what they come from, as in Stage I
 * @throws Error if the checkpoint lacks a part, or its codebook does not fit the language model; WeightsError; ProviderError
 */
export async function openForTraining(options: ModelOptions, words: WordSources): Promise<OpenedModel> {
  const { config } = options
  const checkpoint = options.checkpoint()
  const language = await openLanguageSide(languageConfig(config), words, options.models, config.multimodal.template)
  const parameters = await stageTwoParameters(config, checkpoint, language)
  const learned = learnedIn(config, language, parameters)
  const fresh = { ...parameters, ...momentsOf(parameters, learned) }
  const { tensors, position } =
    stageOf(checkpoint) === 'two'
      ? fromCheckpoint<StageTwoPosition>(checkpoint, fresh, language.identity, { step: 0 })
      : { tensors: fresh, position: { step: 0 } }
  const beside = accumulators(config, tensors, learned)
  return place(options, language, { tensors: { ...tensors, ...beside }, learned, position }, true)
}

/**
 * The model of a checkpoint to be asked, without what training keeps beside its parameters. One of Stage I knows text alone.
 * @throws Error if the checkpoint lacks a part, or its codebook does not fit the language model; WeightsError; ProviderError
 */
export async function openForGeneration(asked: ModelOptions, words: WordSources): Promise<OpenedModel> {
  const options = { ...asked, config: { ...asked.config, engine: decodingEngine(asked.config) } }
  const { config } = options
  const checkpoint = options.checkpoint()
  const pictures = stageOf(checkpoint) === 'two'
  const language = await openLanguageSide(
    pictures ? languageConfig(config) : config,
    words,
    options.models,
    pictures ? config.multimodal.template : 'model',
  )
  const expected = pictures
    ? await stageTwoParameters(config, checkpoint, language)
    : { ...keptState(checkpoint), ...prefixed(language.initial, 'language') }
  const learned = pictures ? learnedIn(config, language, expected) : []
  const read = fromCheckpoint<StageTwoPosition>(checkpoint, expected, language.identity, { step: 0 })
  return place(options, language, { ...read, learned }, pictures)
}

/** TensorFlow has no attention with a cache. */
const decodingEngine = ({ engine }: ExperimentConfig): ExperimentConfig['engine'] =>
  engine.runtime === 'tensorflow' ? { ...engine, runtime: 'onnx', provider: 'auto' } : engine

const learnedIn = (
  config: ExperimentConfig,
  language: LanguageSide,
  parameters: Readonly<Record<string, HostTensor>>,
): string[] => {
  const [codes, width] = (parameters[CODES] as HostTensor).shape as [number, number]
  return learnedNames(config, language, positionShape(config, width), codes)
}

/** Positions of text alone. */
const TEXT_ONLY: PositionShape = { slots: 0, features: 0, weights: [], places: 0 }

async function place(
  options: ModelOptions,
  { initial: _, ...language }: LanguageSide,
  {
    tensors,
    learned,
    position,
  }: Pick<OpenedModel, 'position'> & Pick<StageTwoModel, 'learned'> & { tensors: Record<string, HostTensor> },
  pictures: boolean,
): Promise<OpenedModel> {
  const { config } = options
  const { multimodal } = config
  const [codes, width] = (tensors[CODES] as HostTensor).shape as [number, number]
  const layout = pictureLayout(config)
  const shape = pictures ? positionShape(config, width) : TEXT_ONLY
  const { runtime, sentence } = await openRuntime(config.engine, options)
  const state = runtime.createState(tensors, language.weights ?? undefined)
  const ids = (tensors[IDS]?.data as Int32Array | undefined) ?? null
  const reading: Reading = {
    // Without pictures, every paradigm is the language model alone.
    config: pictures ? config : { multimodal: { ...multimodal, paradigm: 'unified' } },
    shape,
    table: CODES,
    ids: ids ? IDS : null,
  }
  return {
    config,
    language,
    runtime,
    state,
    model: { config, llama: language.shape, reading, learned },
    shape,
    layout,
    rules: {
      layout,
      tokens: codeTokens(config, layout, { vocabulary: language.vocabulary, ids, codes }),
      text: language.layout,
      input: multimodal.paradigm === 'visual-encoder' ? 'features' : multimodal.input,
      patches: pretrainedEncoder(multimodal)?.patches ?? null,
    },
    openPatches: patchOpener(config, options.threads, position),
    pad: language.layout.pad,
    codes,
    ids,
    seesPictures: pictures,
    position,
    sentence: `${language.sentence}; ${sentence}`,
  }
}
