import { dirname, join } from 'node:path'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { openPictures } from '../../data/open-pictures.ts'
import type { PictureSet } from '../../data/picture-set.ts'
import { tensorflowFolder } from '../../engine/tensorflow/installation.ts'
import { holdsPrior } from '../../training/prior/state.ts'
import { openTrainedPrior, type TrainedPrior } from '../../training/trained-prior.ts'
import { openTrainedTokenizer, type TrainedTokenizer } from '../../training/trained-tokenizer.ts'
import { readLatestCheckpoint } from '../checkpoints.ts'
import { readRunConfig, runFiles } from '../run-directory.ts'
import { ModelError } from './model-error.ts'

/** The prior of a run's newest checkpoint, with the tokenizer whose codes it paints. */
export interface RunPrior {
  /** Step of the checkpoint. */
  step: number
  config: ExperimentConfig
  prior: TrainedPrior
  tokenizer: TrainedTokenizer
  /** The run's pictures, which are opened when they are first wanted: painting wants none. */
  pictures(): Promise<PictureSet>
  close(): Promise<void>
}

/** Rows that go side by side at most, where whoever asks does not say; a guided picture takes two. */
export const PRIOR_ROWS = 32

/** @param rows that go side by side at most @throws ModelError saying what of the run cannot be opened, and what to do */
export async function openRunPrior(
  directory: string,
  cacheDir: string,
  threads: number,
  rows = PRIOR_ROWS,
): Promise<RunPrior> {
  try {
    return await open(directory, cacheDir, threads, rows)
  } catch (error) {
    if (error instanceof ModelError) throw error
    throw new ModelError(
      'unreadable',
      (error as Error).message,
      'Resume the run to write a new checkpoint, or clone it to begin anew.',
      { cause: error },
    )
  }
}

async function open(directory: string, cacheDir: string, threads: number, rows: number): Promise<RunPrior> {
  const config = readRunConfig(directory)
  const checkpoint = readLatestCheckpoint(runFiles(directory).checkpoints, (message) => console.error(message))
  if (!checkpoint || !holdsPrior(checkpoint.file))
    throw new ModelError(
      'conflict',
      checkpoint
        ? `the newest checkpoint, of step ${checkpoint.step}, is one of Stage I: it holds no prior yet`
        : 'the run has no checkpoint yet, and so no prior',
      'The prior’s first one comes prior.checkpointEvery steps after Stage I, or at its end; wait for it.',
    )
  const place = { threads, tensorflow: tensorflowFolder(dirname(cacheDir)), graphs: join(cacheDir, 'graphs') }
  const tokenizer = await openTrainedTokenizer(checkpoint.file, config, place)
  const prior = await openTrainedPrior(checkpoint.file, config, tokenizer, { rows, ...place })
  let opening: Promise<PictureSet> | null = null
  return {
    step: checkpoint.step,
    ...{ config, prior, tokenizer },
    pictures() {
      opening ??= openPictures(config.data, { cacheDir })
      return opening
    },
    async close() {
      await prior.dispose()
      await tokenizer.dispose()
      await (await opening)?.close()
    },
  }
}
