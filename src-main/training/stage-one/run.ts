import { codebookRows } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { TensorFile } from '../../../src-shared/safetensors.ts'
import { type Dialogue, type DialogueSource, eachDialogue } from '../../data/dialogues.ts'
import type { PictureSet } from '../../data/picture-set.ts'
import { prefixed } from '../../engine/parameters.ts'
import { openRuntime } from '../../engine/runtimes/open-runtime.ts'
import type { HostTensor, State } from '../../engine/runtimes/runtime.ts'
import { withoutLabels } from '../../language/text-batch.ts'
import { VIT_PARAMETERS } from '../../tokenizers/encoder.ts'
import { readVitWeights } from '../../tokenizers/vit-weights.ts'
import { fromCheckpoint } from '../checkpoint.ts'
import type { Control, Recorder } from '../recorder.ts'
import { CodeRecord } from './code-record.ts'
import { createFeatureDistance, type FeatureDistance } from './feature-distance.ts'
import { type LanguageSide, type ModelPlaces, openLanguageSide } from './language-side.ts'
import { openNetworks, type StageOneNetworks } from './networks.ts'
import { compileStageOne, type StageOnePrograms } from './programs.ts'
import { provenanceCards } from './provenance.ts'
import { initialState, type Position, start } from './state.ts'

/** A Stage I run, opened: its state, its compiled programs and where it stands. */
export interface StageOneOptions {
  config: ExperimentConfig
  pictures: PictureSet
  texts: DialogueSource
  /** Dialogues with pictures that a second stage will be about: their words are words of a small language model. */
  visual?: AsyncIterable<Dialogue>
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
  /** Its weights are in the state alone: what they began as would stand in memory for the whole run. */
  language: Omit<LanguageSide, 'initial'>
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
  const { initial, ...language } = await openLanguageSide(config, options, options.models)
  await reportText(options, language)
  recorder.tokens(config.codebook.paradigm === 'independent' ? [] : language.tokens)
  const fresh = initialState(config, { ...language, initial })
  if (!resumeFrom) Object.assign(fresh, await pretrainedEncoder(options))
  const codes = codebookRows(config, language.vocabulary)
  const record = new CodeRecord(config, codes)
  const { tensors, position, records } = resumeFrom
    ? fromCheckpoint(resumeFrom, fresh, language.identity, start)
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
    textRows: Array.from({ length: texts.training.count }, (_, row) => row),
  }
}

/** Training texts that are looked through at the start for ones that teach nothing; each step counts those of its batch. */
const LOOKED_THROUGH = 10_000

/** Weights of a pretrained encoder by their names in the state, none if it starts from chance. A checkpoint holds them itself. */
async function pretrainedEncoder({ config, recorder }: StageOneOptions): Promise<Record<string, HostTensor>> {
  const { encoder, vit } = config.tokenizer
  if (encoder !== 'vit' || vit.weights === '') return {}
  const { tensors, unknown, sentence } = await readVitWeights(vit.weights, vit, config.data.resolution)
  recorder.event({ kind: 'log', level: unknown.length > 0 ? 'warning' : 'info', message: sentence })
  return prefixed(tensors, `tokenizer.${VIT_PARAMETERS}`)
}

async function reportText(
  { config, texts, recorder, pictures }: StageOneOptions,
  language: Run['language'],
): Promise<void> {
  const log = (level: 'info' | 'warning', message: string) => recorder.event({ kind: 'log', level, message })
  log(
    'info',
    `${pictures.described ? 'about ' : ''}${pictures.trainingCount} training and ${pictures.heldOut.length} held-out pictures, ${texts.training.count} training and ${texts.heldOut.count} held-out texts; ${language.sentence}`,
  )
  if (pictures.unreadableCount > 0)
    log(
      'warning',
      `${pictures.unreadableCount} pictures could not be read and are left out, the first: ${pictures.unreadable[0]?.file} (${pictures.unreadable[0]?.reason})`,
    )
  for (const { reason, count, first } of texts.skipped)
    log('warning', `${count} texts were skipped, which ${reason}; the first is ${first}`)
  const looked: Dialogue[] = []
  for await (const turns of eachDialogue(texts.training, LOOKED_THROUGH)) looked.push(turns)
  const masked = withoutLabels(looked, language.layout, config.language.context)
  if (masked.length > 0)
    log(
      'warning',
      `${masked.length} of ${looked.length} texts have no answer token within ${config.language.context} tokens and teach nothing, the first: "${masked[0]?.[0]?.question}"; raise language.context`,
    )
}
