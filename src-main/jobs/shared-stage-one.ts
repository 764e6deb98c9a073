import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { TensorFile } from '../../src-shared/safetensors.ts'
import type { SharedStageOne } from '../training/train-stages.ts'
import { type LoadedCheckpoint, readLatestCheckpoint, writeCheckpoint } from './checkpoints.ts'

/** First stages kept; each is as large as a checkpoint. */
const KEPT = 4
/** Metadata key of the run that trained a first stage. */
const TRAINED_BY = 'trained by'

/** What a first stage is the result of: everything of a config but what is read after it alone. */
function keyOf({ name, multimodal, prior, engine, ...rest }: ExperimentConfig): string {
  // A small language model's words are those of the second stage's dialogues as well, where one follows: of all built-in
  // tasks, whatever their weights, and of the file of dialogues.
  const words =
    rest.language.model === 'words' && multimodal.steps > 0
      ? {
          dialogues: multimodal.tasks.dialogue > 0 ? stampOf(multimodal.dialoguesPath) : null,
          // Dialogues whose pictures are not there are left out.
          pictures: multimodal.tasks.dialogue > 0 ? multimodal.picturesPath : null,
          unconditional: multimodal.unconditional,
          concepts: multimodal.concepts,
        }
      : null
  const { threads, ...device } = engine
  return createHash('sha256')
    .update(JSON.stringify({ ...rest, device, words }))
    .digest('hex')
    .slice(0, 32)
}

/** Tells a file from another, and from itself once it has been changed. */
function stampOf(path: string): string {
  const file = statSync(path, { throwIfNoEntry: false })
  return `${path} ${file?.size} ${file?.mtimeMs}`
}

/** Its checkpoint; null where the cache holds none, or a damaged one, in whose place the next is kept. */
function readable(folder: string): LoadedCheckpoint | null {
  try {
    return readLatestCheckpoint(folder, (problem) => console.error(problem))
  } catch {
    return null
  }
}

/**
 * The first stage of runs that differ in their second stage alone: trained by whichever comes first, kept in the cache, and
 * where the others begin.
 * @param run the run that asks
 */
export function sharedStageOne(cacheDir: string, config: ExperimentConfig, run: string): SharedStageOne {
  const all = join(cacheDir, 'stage-one')
  const folder = join(all, keyOf(config))
  return {
    find() {
      if (!existsSync(folder)) return null
      const found = readable(folder)
      if (!found) return null
      const now = new Date()
      utimesSync(folder, now, now)
      return { file: found.file, trainedBy: found.file.metadata[TRAINED_BY] ?? '' }
    },
    keep({ tensors, metadata }: TensorFile) {
      mkdirSync(folder, { recursive: true })
      writeCheckpoint(folder, config.training.steps, tensors, { ...metadata, [TRAINED_BY]: run })
      const byUse = readdirSync(all)
        .map((name) => ({ path: join(all, name), used: statSync(join(all, name)).mtimeMs }))
        .sort((a, b) => b.used - a.used)
      for (const { path } of byUse.slice(KEPT)) rmSync(path, { recursive: true, force: true })
    },
  }
}
