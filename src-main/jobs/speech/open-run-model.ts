import { dirname, join } from 'node:path'
import { openPictures } from '../../data/open-pictures.ts'
import { openTexts } from '../../data/open-texts.ts'
import type { PictureSet } from '../../data/picture-set.ts'
import { DataError } from '../../data/source.ts'
import { tensorflowFolder } from '../../engine/tensorflow/installation.ts'
import { installedSmolLm2 } from '../../language/smollm2.ts'
import { WeightsError } from '../../language/weights/weight-file.ts'
import type { PictureReference, VisualDialogueSource } from '../../multimodal/dialogue.ts'
import { eachTurns } from '../../multimodal/dialogue-texts.ts'
import { openVisualDialogues } from '../../multimodal/open-dialogues.ts'
import { pictureLayout } from '../../multimodal/picture-layout.ts'
import { pixelsOf } from '../../multimodal/scene-pixels.ts'
import { handedOver } from '../../training/checkpoint.ts'
import type { WordSources } from '../../training/stage-one/language-side.ts'
import { type OpenedModel, openForGeneration } from '../../training/stage-two/open-model.ts'
import { type Speaker, speakerOf } from '../../training/stage-two/speaker.ts'
import { readLatestCheckpoint, stepsIn } from '../checkpoints.ts'
import { readRunConfig, readRunTokens, runFiles } from '../run-directory.ts'
import { type CodeNumbers, codeNumbers } from './code-numbers.ts'
import { ModelError } from './model-error.ts'

/** The model of a run's newest checkpoint, with what the run learned from. */
export interface RunModel {
  /** Step of the checkpoint. */
  step: number
  opened: OpenedModel
  speaker: Speaker
  numbers: CodeNumbers
  pictures: PictureSet
  dialogues: VisualDialogueSource
  /** U8 [S, S, 3] at the side at which pictures are read. @throws DataError, RangeError */
  pixelsOf(reference: PictureReference): Promise<Uint8Array>
  close(): Promise<void>
}

/** Step of the newest checkpoint of a run; null if there is none. */
export const newestStep = (directory: string): number | null => stepsIn(runFiles(directory).checkpoints).at(-1) ?? null

/** @throws ModelError saying what of the run cannot be opened, and what to do */
export async function openRunModel(directory: string, cacheDir: string, threads: number): Promise<RunModel> {
  const owned: Owned = []
  try {
    return await open(directory, cacheDir, threads, owned)
  } catch (error) {
    await closeAll(owned)
    if (error instanceof ModelError) throw error
    throw new ModelError('unreadable', (error as Error).message, hintOf(error), { cause: error })
  }
}

/** How to close what was opened, in the order of opening. */
type Owned = (() => Promise<void>)[]

async function closeAll(owned: Owned): Promise<void> {
  for (const close of owned.splice(0).reverse()) await close()
}

async function open(directory: string, cacheDir: string, threads: number, owned: Owned): Promise<RunModel> {
  const config = readRunConfig(directory)
  const checkpoint = readLatestCheckpoint(runFiles(directory).checkpoints, (message) => console.error(message))
  if (!checkpoint)
    throw new ModelError(
      'conflict',
      'the run has no checkpoint yet, and so no model',
      'It writes one every training.checkpointEvery steps, and at its end; wait for the first.',
    )
  const pictures = await openPictures(config.data, { cacheDir })
  owned.push(() => pictures.close())
  const dialogues = await openVisualDialogues(config, pictures, pictureLayout(config).cells)
  owned.push(() => dialogues.close())
  const tokens = readRunTokens(directory) ?? []
  // The vocabulary that the run wrote down is the one that it was trained with; a pretrained model brings its own.
  const isUnknown = config.language.model === 'words' && tokens.length === 0
  const texts = isUnknown ? await openTexts(config.language, pictures) : null
  if (texts) owned.push(() => texts.close())
  const words: WordSources = texts ? { texts, visual: eachTurns(dialogues) } : { words: tokens }
  const home = dirname(cacheDir)
  const opened = await openForGeneration(
    {
      config,
      checkpoint: handedOver(checkpoint.file),
      threads,
      tensorflow: tensorflowFolder(home),
      graphs: join(cacheDir, 'graphs'),
      models: { smollm2: installedSmolLm2(home), weights: join(cacheDir, 'weights') },
    },
    words,
  )
  const speaker = speakerOf(opened)
  owned.push(() => speaker.dispose())
  const origin = { set: pictures, folder: config.multimodal.picturesPath, crop: config.data.crop }
  return {
    step: checkpoint.step,
    opened,
    speaker,
    numbers: codeNumbers(opened.layout.sides, opened.codes, opened.ids),
    pictures,
    dialogues,
    pixelsOf: (reference) => pixelsOf(reference, speaker.resolution, origin),
    close: () => closeAll(owned),
  }
}

function hintOf(error: unknown): string {
  if (error instanceof DataError) return 'Put the pictures and dialogues of the run back where its config says.'
  if (error instanceof WeightsError) return 'Put the language model of the run back where its config says.'
  return 'Resume the run to write a new checkpoint, or clone it to begin anew.'
}
