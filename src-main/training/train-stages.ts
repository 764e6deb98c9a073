import type { TensorFile } from '../../src-shared/safetensors.ts'
import { eachTurns } from '../multimodal/dialogue-texts.ts'
import { openVisualDialogues } from '../multimodal/open-dialogues.ts'
import { pictureLayout, readingResolution } from '../multimodal/picture-layout.ts'
import { pixelsOf } from '../multimodal/scene-pixels.ts'
import { stageOf } from './checkpoint.ts'
import type { StageOneOptions } from './stage-one/run.ts'
import { type StageOneResult, trainStageOne } from './stage-one/train.ts'
import { trainStageTwo } from './stage-two/train.ts'

export interface TrainingOptions extends StageOneOptions {
  /** The newest checkpoint of the run, where the second stage goes on from. */
  newestCheckpoint: () => TensorFile | null
}

/** All stages of a run, from wherever its newest checkpoint stands. */
export async function trainStages(options: TrainingOptions): Promise<StageOneResult> {
  const { config, pictures, resumeFrom } = options
  if (config.multimodal.steps === 0) return trainStageOne(options)
  const dialogues = await openVisualDialogues(config, pictures, pictureLayout(config).cells)
  try {
    let checkpoint = resumeFrom
    if (checkpoint === null || stageOf(checkpoint) === 'one') {
      const first = await trainStageOne({ ...options, visual: eachTurns(dialogues) })
      if (first.state !== 'finished') return first
      checkpoint = options.newestCheckpoint()
      if (checkpoint === null) throw new Error('Stage I has ended, but its checkpoint is gone from the run directory')
    }
    const origin = { set: pictures, folder: config.multimodal.picturesPath, crop: config.data.crop }
    const side = readingResolution(config)
    return await trainStageTwo({
      ...options,
      checkpoint,
      dialogues,
      visual: eachTurns(dialogues),
      pixelsOf: (reference) => pixelsOf(reference, side, origin),
    })
  } finally {
    await dialogues.close()
  }
}
