import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CodebookEvaluation, MeasuredCodebook } from '../../src-shared/codebook-evaluation.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { TensorFile } from '../../src-shared/safetensors.ts'
import { openPictures } from '../data/open-pictures.ts'
import { openTexts } from '../data/open-texts.ts'
import { tensorflowFolder } from '../engine/tensorflow/installation.ts'
import { installedSmolLm2 } from '../language/smollm2.ts'
import type { Measured } from '../training/codebook-evaluation/cards.ts'
import { evaluateCodebook } from '../training/codebook-evaluation/evaluate-codebook.ts'
import { writeJsonAtomic } from './atomic-file.ts'
import { readLatestCheckpoint } from './checkpoints.ts'
import { readRunConfig, readRunTokens, runFiles } from './run-directory.ts'

/** A run whose codebook is measured, and how. */
export interface RunCodebook {
  config: ExperimentConfig
  /** Text of each code id, as the run wrote them down. */
  tokens: readonly string[]
  checkpoint: TensorFile
  asked: CodebookEvaluation
  /** Pictures of a batch, for the usages that go by batches; as trained unless given. */
  batch?: number | undefined
  /** The home's cache. */
  cacheDir: string
  threads: number
  progress: (share: number, words: string) => void
}

/** Measures the codebook of a run's checkpoint with the data that its config names. @throws what opening them throws */
export async function measureRunCodebook(run: RunCodebook): Promise<Measured> {
  const { config, tokens, checkpoint, asked, batch, cacheDir, threads, progress } = run
  const home = dirname(cacheDir)
  mkdirSync(cacheDir, { recursive: true, mode: 0o700 })
  const pictures = await openPictures(config.data, { cacheDir })
  try {
    const texts = await openTexts(config.language, pictures)
    try {
      return await evaluateCodebook({
        ...{ config, checkpoint, pictures, texts, tokens, threads, progress },
        ...{ classes: asked.classes, seed: asked.seed, most: asked.pictures },
        batch: batch ?? config.training.batchSize,
        tensorflow: tensorflowFolder(home),
        graphs: join(cacheDir, 'graphs'),
        models: { smollm2: installedSmolLm2(home), weights: join(cacheDir, 'weights') },
      })
    } finally {
      await texts.close()
    }
  } finally {
    await pictures.close()
  }
}

/**
 * Measures the newest checkpoint of a run and keeps the figures in its directory.
 * @throws Error if there is no checkpoint that can be read; what measuring throws
 */
export async function keepRunCodebook(
  directory: string,
  asked: CodebookEvaluation,
  place: Pick<RunCodebook, 'cacheDir' | 'threads' | 'progress'>,
): Promise<void> {
  const files = runFiles(directory)
  const checkpoint = readLatestCheckpoint(files.checkpoints, (message) => console.error(message))
  if (!checkpoint) throw new Error('the run has no checkpoint that can be read')
  const { cards, notMeasured } = await measureRunCodebook({
    config: readRunConfig(directory),
    tokens: readRunTokens(directory) ?? [],
    checkpoint: checkpoint.file,
    asked,
    ...place,
  })
  const measured: MeasuredCodebook = { step: checkpoint.step, measuredAt: Date.now(), asked, cards, notMeasured }
  mkdirSync(dirname(files.codebookEvaluation), { recursive: true, mode: 0o700 })
  writeJsonAtomic(files.codebookEvaluation, measured)
}
