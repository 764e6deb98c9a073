import type { ExperimentConfig } from '../../src-shared/config.ts'
import { SAMPLE_CAPTIONS } from '../../src-shared/events.ts'
import type { StoredTensor, TensorFile } from '../../src-shared/safetensors.ts'
import { batchIndices } from '../data/batches.ts'
import type { InstructionTexts, PictureSet } from '../data/picture-set.ts'
import { createRandom } from '../data/random.ts'
import { openRuntime } from '../engine/runtimes/open-runtime.ts'
import { floats, type HostTensor, int32, ints, number, type State, scalar } from '../engine/runtimes/runtime.ts'
import { batchPerplexity, codeHits } from '../evaluation/codebook-usage.ts'
import { principalCoordinates } from '../evaluation/principal-components.ts'
import { pairsWithoutLabels, textBatch } from '../language/text-batch.ts'
import { createWordTokenizer, learnWords, type WordTokenizer } from '../language/word-tokenizer.ts'
import { alarmsOf } from './alarms.ts'
import { evaluatePictures, heldOutPerplexity, imageBatch } from './held-out.ts'
import { updateInputs } from './optimizer.ts'
import type { Control, Recorder } from './recorder.ts'
import {
  compileStageOne,
  learns,
  type StageOnePrograms,
  updatesFromFeatures,
  vectorsPerStep,
} from './stage-one-programs.ts'
import {
  CODES,
  codebookSize,
  fromCheckpoint,
  initialState,
  LANGUAGE_TABLE,
  type Position,
  start,
  toCheckpoint,
} from './stage-one-state.ts'

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
}

export interface StageOneResult {
  state: 'finished' | 'paused' | 'stopped'
  step: number
}

/**
 * Stage I: learns a visual tokenizer and its codebook beside a language model (section 3.2, Eq. 1–3).
 * A run that is stopped anywhere and resumed gives the same numbers, bit for bit, as one that never stopped.
 * @throws Error naming the loss and the step if a loss stops being finite
 */
export async function trainStageOne(options: StageOneOptions): Promise<StageOneResult> {
  const run = await openRun(options)
  const { config, recorder, control } = options
  const { steps, evaluateEvery, sampleEvery, checkpointEvery } = config.training
  const at = run.position
  try {
    while (at.step < steps || at.languageSteps < languageStepsDue(config, at.step)) {
      const request = control.request()
      if (request !== 'none') {
        await checkpoint(run, recorder)
        return { state: request === 'pause' ? 'paused' : 'stopped', step: at.step }
      }
      if (at.languageSteps < languageStepsDue(config, at.step)) {
        await stepLanguage(run)
        continue
      }
      if (at.step === 0) await beginVisualTraining(run)
      await stepTokenizer(run)
      at.step++
      if (syncsAfter(config, at.step)) await syncWithLanguage(run)
      const last = at.step === steps
      const samples = at.step % sampleEvery === 0 || last
      if (at.step % evaluateEvery === 0 || samples) await evaluate(run, samples)
      if (at.step % checkpointEvery === 0 && !last) await checkpoint(run, recorder)
    }
    await checkpoint(run, recorder)
    return { state: 'finished', step: at.step }
  } finally {
    for (const program of Object.values(run.programs)) await program.dispose()
  }
}

/** Everything a step needs. */
interface Run {
  options: StageOneOptions
  config: ExperimentConfig
  tokenizer: WordTokenizer
  state: State
  programs: StageOnePrograms
  position: Position
  codes: number
  /** Indices of the training texts. */
  textRows: number[]
}

async function openRun(options: StageOneOptions): Promise<Run> {
  const { config, texts, recorder, resumeFrom } = options
  const tokenizer = createWordTokenizer(learnWords(texts.training, config.language.minWordCount))
  reportText(options, tokenizer)
  recorder.tokens(config.codebook.paradigm === 'independent' ? [] : tokenizer.tokens)
  const vocabulary = tokenizer.tokens.length
  const fresh = initialState(config, vocabulary)
  const { tensors, position } = resumeFrom
    ? fromCheckpoint(resumeFrom, fresh)
    : { tensors: fresh, position: structuredClone(start) }
  const { runtime, sentence } = await openRuntime(config.engine, options)
  recorder.event({ kind: 'log', level: 'info', message: sentence })
  const state = runtime.createState(tensors)
  const programs = await compileStageOne(config, runtime, state)
  return {
    options,
    config,
    tokenizer,
    state,
    programs,
    position,
    codes: codebookSize(config, vocabulary),
    textRows: texts.training.map((_, index) => index),
  }
}

function reportText({ config, texts, recorder, pictures }: StageOneOptions, tokenizer: WordTokenizer): void {
  const log = (level: 'info' | 'warning', message: string) => recorder.event({ kind: 'log', level, message })
  log(
    'info',
    `${pictures.training.length} training and ${pictures.heldOut.length} held-out pictures, ${texts.training.length} training and ${texts.heldOut.length} held-out texts, ${tokenizer.tokens.length} words`,
  )
  if (pictures.unreadable.length > 0)
    log(
      'warning',
      `${pictures.unreadable.length} pictures could not be read and are left out, the first: ${pictures.unreadable[0]?.file} (${pictures.unreadable[0]?.reason})`,
    )
  const masked = pairsWithoutLabels(texts.training, tokenizer, config.language.context)
  if (masked.length > 0)
    log(
      'warning',
      `${masked.length} texts have no answer token within ${config.language.context} tokens and teach nothing, the first: "${masked[0]?.question}"; raise language.context`,
    )
}

/** Language steps that must have been taken before tokenizer step `step` + 1. */
const languageStepsDue = ({ language }: ExperimentConfig, step: number): number =>
  language.tuning === 'frozen' ? 0 : language.stepsBefore + Math.floor(step * language.ratio)

const syncsAfter = ({ codebook }: ExperimentConfig, step: number): boolean =>
  codebook.paradigm === 'iterative' && codebook.interval > 0 && step % codebook.interval === 0

function finite(name: string, value: number, step: number): number {
  if (!Number.isFinite(value))
    throw new Error(
      `${name} is ${value} at step ${step}: training diverged; lower the learning rate or set optimizer.gradientClip`,
    )
  return value
}

async function stepLanguage({ options, config, tokenizer, programs, position, textRows }: Run): Promise<void> {
  const { language, seed } = config
  const total = languageStepsDue(config, config.training.steps)
  const all = options.texts.training
  const rows = batchIndices(textRows, language.batchSize, seed, position.languageSteps)
  const pairs = rows.map((row) => all[row] as (typeof all)[number])
  position.languageSteps++
  const update = updateInputs(language.optimizer, position.languageSteps, total)
  const out = await programs.languageStep.run({ ...textBatch(pairs, tokenizer, language.context), ...scalars(update) })
  const loss = finite('the language loss', number(out, 'loss'), position.step)
  if (position.languageSteps > language.stepsBefore || position.languageSteps % 10 === 0)
    options.recorder.event({ kind: 'metrics', step: position.step, values: { 'language.loss': loss } })
}

const scalars = (numbers: Record<string, number>): Record<string, HostTensor> =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, scalar(value)]))

/** The codebook takes the language model's rows as they stand now, and the first evaluation says where everything begins. */
async function beginVisualTraining(run: Run): Promise<void> {
  if (run.config.codebook.paradigm !== 'independent') await run.state.write(CODES, await run.state.read(LANGUAGE_TABLE))
  run.position.firstPerplexity = await heldOutPerplexity(run.config, run.options.texts, run.tokenizer, run.programs)
  await evaluate(run, true)
}

async function stepTokenizer({ options, config, programs, position, codes }: Run): Promise<void> {
  const { pictures, recorder } = options
  const { batchSize, steps } = config.training
  const began = performance.now()
  const step = position.step + 1
  const replaced = syncsAfter(config, step) && config.codebook.syncOrder === 'replace'
  const out = await programs.tokenizerStep.run({
    images: imageBatch(pictures, batchIndices(pictures.training, batchSize, config.seed, position.step)),
    ...scalars(updateInputs(config.optimizer, step, steps)),
    ...(updatesFromFeatures(config) ? { useFeatures: scalar(replaced ? 0 : 1) } : {}),
    ...(config.codebook.restart > 0 && learns(config) ? restartDraws(config, step, codes) : {}),
  })
  const values: Record<string, number> = {
    'loss.reconstruction': finite('the reconstruction loss', number(out, 'reconstruction'), step),
    'loss.commitment': finite('the commitment loss', number(out, 'commitment'), step),
    'gradient.norm': number(out, 'gradientNorm'),
    'feature.norm': number(out, 'featureNorm'),
    'codebook.restarts': number(out, 'restarts'),
    'speed.images': batchSize / ((performance.now() - began) / 1000),
  }
  for (let layer = 0; layer < config.tokenizer.layers; layer++)
    values[`perplexity.batch.${layer}`] = batchPerplexity(codeHits(ints(out, `codes.${layer}`), codes))
  if (step % 10 === 0) values['memory.resident'] = process.memoryUsage.rss() / 1e6
  recorder.event({ kind: 'metrics', step, values })
}

/** Rows of the batch that restarted codes would take; drawn for all codes, from (seed, step) alone. */
function restartDraws(config: ExperimentConfig, step: number, codes: number): Record<string, HostTensor> {
  const random = createRandom(config.seed, 'restart', step)
  const vectors = vectorsPerStep(config)
  const draw = () =>
    int32(
      Int32Array.from({ length: codes }, () => random.int(vectors)),
      [codes],
    )
  return { rows: draw(), plus: draw(), minus: draw() }
}

async function syncWithLanguage({ options, programs, position }: Run): Promise<void> {
  const out = await programs.sync.run({})
  const side = (when: 'before' | 'after') => ({
    cosine: number(out, `${when}.cosine`),
    distance: number(out, `${when}.distance`),
  })
  options.recorder.event({ kind: 'sync', step: position.step, before: side('before'), after: side('after') })
}

async function evaluate(run: Run, withSample: boolean): Promise<void> {
  const { config, options, programs, position, state } = run
  const { recorder, pictures, texts } = options
  const { metrics, sample, used } = await evaluatePictures(config, pictures, programs, run.codes)
  const bound = config.codebook.paradigm !== 'independent'
  const drift = await programs.drift.run({})
  const column = (name: string) => floats(drift, name)
  metrics['language.perplexity'] = await heldOutPerplexity(config, texts, run.tokenizer, programs)
  metrics['codebook.norm'] = average(column('norm'))
  if (bound) {
    metrics['drift.cosine'] = average(column('cosine'))
    metrics['drift.distance'] = average(column('distance'))
    metrics['drift.used.cosine'] = average(Float32Array.from(used, (code) => column('cosine')[code] as number))
  }
  recorder.event({ kind: 'metrics', step: position.step, values: metrics })
  if (withSample) {
    const vectors: Record<string, StoredTensor> = {}
    for (const [name, from] of [
      ['norm', 'norm'],
      ...(bound
        ? [
            ['drift.cosine', 'cosine'],
            ['drift.distance', 'distance'],
          ]
        : []),
    ] as [string, string][])
      vectors[name] = { dtype: 'F32', shape: [run.codes], data: column(from) }
    vectors.projection = await projection(state)
    recorder.sample(position.step, { ...inputPictures(options), ...sample, ...vectors }, sampleCaptions(options))
  }
  raiseAlarms(run, metrics, bound ? await meanNorm(state) : null)
}

/** The codes' first three principal coordinates: near codes get near colours. */
async function projection(state: State): Promise<StoredTensor> {
  const { data, shape } = await state.read(CODES)
  const [codes, width] = shape as [number, number]
  return { dtype: 'F32', shape: [codes, 3], data: principalCoordinates(data as Float32Array, width, 3) }
}

const average = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

async function meanNorm(state: State): Promise<number> {
  const { data, shape } = await state.read(LANGUAGE_TABLE)
  const [rows, width] = shape as [number, number]
  let total = 0
  for (let row = 0; row < rows; row++)
    total += Math.hypot(...(data as Float32Array).subarray(row * width, (row + 1) * width))
  return total / rows
}

const shownPictures = ({ pictures, config }: StageOneOptions): number[] =>
  pictures.heldOut.slice(0, config.training.samplePictures)

function inputPictures(options: StageOneOptions): Record<string, StoredTensor> {
  const shown = shownPictures(options)
  const side = options.pictures.resolution
  const data = new Uint8Array(shown.length * side * side * 3)
  for (const [row, index] of shown.entries()) data.set(options.pictures.pixels(index), row * side * side * 3)
  return { input: { dtype: 'U8', shape: [shown.length, side, side, 3], data } }
}

const sampleCaptions = (options: StageOneOptions): Record<string, string> => ({
  [SAMPLE_CAPTIONS]: JSON.stringify(
    shownPictures(options).map((index) => options.pictures.pictures[index]?.caption ?? ''),
  ),
})

function raiseAlarms(run: Run, metrics: Record<string, number>, languageNorm: number | null): void {
  const { position, config, options } = run
  if (position.step < config.training.evaluateEvery) return
  const signs = { metrics, firstPerplexity: position.firstPerplexity, languageNorm, layers: config.tokenizer.layers }
  for (const alarm of alarmsOf(signs)) {
    if (position.alarms.includes(alarm.name)) continue
    position.alarms.push(alarm.name)
    options.recorder.event({ kind: 'alarm', step: position.step, ...alarm })
  }
}

async function checkpoint({ state, position }: Run, recorder: Recorder): Promise<void> {
  const { tensors, metadata } = await toCheckpoint(state, position)
  recorder.checkpoint(position.step, tensors, metadata)
}
