import type { ProvenanceCards } from '../../src-shared/provenance.ts'
import type { TensorFile } from '../../src-shared/safetensors.ts'
import type { Dialogue } from '../data/dialogues.ts'
import { eachTurns } from '../multimodal/dialogue-texts.ts'
import { openVisualDialogues } from '../multimodal/open-dialogues.ts'
import { pictureLayout, readingResolution } from '../multimodal/picture-layout.ts'
import { pixelsOf } from '../multimodal/scene-pixels.ts'
import { handedOver, type Stage, stageOf } from './checkpoint.ts'
import { priorCards, stageTwoCards } from './later-provenance.ts'
import { paintingFile } from './painting-file.ts'
import { picturesCodes } from './prior/picture-codes.ts'
import { trainPrior } from './prior/train.ts'
import type { Recorder } from './recorder.ts'
import type { StageOneOptions } from './stage-one/run.ts'
import { type StageOneResult, trainStageOne } from './stage-one/train.ts'
import { patchOpener } from './stage-two/patch-encoder.ts'
import { trainStageTwo } from './stage-two/train.ts'
import { openTrainedTokenizer } from './trained-tokenizer.ts'

/** The first stage of runs that differ in their second stage alone. */
export interface SharedStageOne {
  /** Its last checkpoint and the run that wrote it, if there is one. */
  find(): { file: TensorFile; trainedBy: string } | null
  keep(checkpoint: TensorFile): void
}

export interface TrainingOptions extends Omit<StageOneOptions, 'resumeFrom'> {
  sharedStageOne: SharedStageOne
  /** Reads the newest checkpoint of the run, which it goes on from; null before there is one. */
  newestCheckpoint: () => TensorFile | null
}

/** All stages of a run, from wherever its newest checkpoint stands. */
export async function trainStages(options: TrainingOptions): Promise<StageOneResult> {
  const { config } = options
  if (config.multimodal.steps > 0) return trainMultimodal(options)
  if (config.prior.steps > 0) return trainPainter(options)
  return trainStageOne({ ...options, resumeFrom: options.newestCheckpoint() })
}

/** Stage I, and then the language model that reads and paints. */
async function trainMultimodal(options: TrainingOptions): Promise<StageOneResult> {
  const { config, pictures } = options
  const encoder = await triedEncoder(options)
  const dialogues = await openVisualDialogues(config, pictures, pictureLayout(config).cells)
  try {
    const checkpoint = await afterStageOne(options, 'two', eachTurns(dialogues))
    if ('state' in checkpoint) return checkpoint
    const { evaluateDialogues, evaluateDialoguesLast } = config.multimodal
    const evaluated = Math.max(evaluateDialogues, evaluateDialoguesLast)
    const painted = Math.min(evaluated, dialogues.heldOut.get('paint')?.count ?? 0)
    provenance(options, stageTwoCards(config, { evaluated, painted, encoder }))
    const origin = { set: pictures, folder: config.multimodal.picturesPath, crop: config.data.crop }
    const side = readingResolution(config)
    return await trainStageTwo({
      ...options,
      checkpoint,
      dialogues,
      visual: eachTurns(dialogues),
      pixelsOf: (reference) => pixelsOf(reference, side, origin),
      judged: { classOf: (picture) => pictures.pictures[picture]?.subgroup ?? '', training: pictures.training },
    })
  } finally {
    await dialogues.close()
  }
}

/**
 * A pretrained network that reads pictures later is tried before the first step.
 * @returns what it reads them as, in words; null where there is none
 * @throws ExtractorError if it cannot be used
 */
async function triedEncoder({ config, threads, recorder }: TrainingOptions): Promise<string | null> {
  const patches = await patchOpener(config, threads)?.()
  if (!patches) return null
  recorder.event({ kind: 'log', level: 'info', message: `Stage II reads pictures as ${patches.sentence}` })
  await patches.dispose()
  return patches.sentence
}

/** Stage I, and then a prior over its codes. */
async function trainPainter(options: TrainingOptions): Promise<StageOneResult> {
  const { config, pictures, recorder } = options
  const checkpoint = await afterStageOne(options, 'prior')
  if ('state' in checkpoint) return checkpoint
  provenance(options, priorCards(config, pictures.heldOut.length))
  const tokenizer = await openTrainedTokenizer(checkpoint(), config, options)
  try {
    return await trainPrior({
      ...options,
      codebook: tokenizer,
      codesOf: picturesCodes(tokenizer, pictures),
      from: () => newestOf(options),
      painted: async (step, { codes, classes }) => {
        const { tensors, metadata } = paintingFile(
          { pixels: await tokenizer.decode(codes, classes.length), side: config.data.resolution },
          codes,
          tokenizer.sides,
          classes,
        )
        recorder.painting(step, tensors, metadata)
      },
    })
  } finally {
    await tokenizer.dispose()
  }
}

/** The checkpoint that a later stage goes on from, its own or the last one of Stage I; or how Stage I ended before its end. */
async function afterStageOne(
  options: TrainingOptions,
  later: Stage,
  visual?: AsyncIterable<Dialogue>,
): Promise<(() => TensorFile) | StageOneResult> {
  const { sharedStageOne, newestCheckpoint } = options
  const resumeFrom = newestCheckpoint()
  if (resumeFrom && stageOf(resumeFrom) === later) return handedOver(resumeFrom)
  const shared = resumeFrom ? null : sharedStageOne.find()
  if (shared) return handedOver(takeOver(options, shared))
  const { recorder, figures } = noting(options.recorder)
  const result = await trainStageOne({ ...options, recorder, resumeFrom, ...(visual ? { visual } : {}) })
  if (result.state !== 'finished') return result
  const checkpoint = newestOf(options)
  const metadata = { ...checkpoint.metadata, [FIGURES]: JSON.stringify(figures) }
  sharedStageOne.keep({ ...checkpoint, metadata })
  return handedOver(checkpoint)
}

function newestOf({ newestCheckpoint }: TrainingOptions): TensorFile {
  const checkpoint = newestCheckpoint()
  if (checkpoint) return checkpoint
  throw new Error(
    'the checkpoint that Stage I ended with is gone from the run directory; put it back, or clone the run to begin anew',
  )
}

/** The first stage of another run as this run's own. */
function takeOver(
  { config, recorder }: TrainingOptions,
  { file, trainedBy }: { file: TensorFile; trainedBy: string },
): TensorFile {
  const step = config.training.steps
  const { [FIGURES]: figures, ...metadata } = file.metadata
  recorder.checkpoint(step, file.tensors, metadata)
  recorder.event({
    kind: 'log',
    level: 'info',
    message: `Stage I has the same settings as that of run ${trainedBy} and was taken from there: its curves are that run's, and what it measured at its end stands here as well`,
  })
  if (figures !== undefined) {
    const { values, cards } = JSON.parse(figures) as Figures
    recorder.event({ kind: 'provenance', step, cards })
    recorder.event({ kind: 'metrics', step, values })
  }
  return { ...file, metadata }
}

/** Metadata key of what a first stage measured at its end. */
const FIGURES = 'figures'

interface Figures {
  /** Of its last evaluation. */
  values: Record<string, number>
  cards: ProvenanceCards
}

/** The recorder, and what the last evaluation that it records measures. */
function noting(recorder: Recorder): { recorder: Recorder; figures: Figures } {
  const figures: Figures = { values: {}, cards: {} }
  return {
    figures,
    recorder: {
      event(event) {
        recorder.event(event)
        if (event.kind === 'metrics' && Object.keys(event.values).some((name) => name.startsWith('heldout.')))
          figures.values = event.values
        if (event.kind === 'provenance') Object.assign(figures.cards, event.cards)
      },
      sample: (...given) => recorder.sample(...given),
      painting: (...given) => recorder.painting(...given),
      answers: (...given) => recorder.answers(...given),
      sync: (...given) => recorder.sync(...given),
      checkpoint: (...given) => recorder.checkpoint(...given),
      codes: (...given) => recorder.codes(...given),
      tokens: (...given) => recorder.tokens(...given),
    },
  }
}

const provenance = ({ config, recorder }: TrainingOptions, cards: ProvenanceCards): void =>
  recorder.event({ kind: 'provenance', step: config.training.steps, cards })
