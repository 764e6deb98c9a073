import type { ExperimentConfig } from '../../src-shared/config.ts'
import { type TaskName, taskNames } from '../../src-shared/multimodal.ts'
import type { PictureSet } from '../data/picture-set.ts'
import { DataError } from '../data/source.ts'
import { plainText, type Writing } from '../data/texts.ts'
import { type BuiltInTask, builtInDialogues } from './built-in-tasks.ts'
import type { VisualDialogueSet, VisualDialogueSource } from './dialogue.ts'
import { rewrittenDialogues } from './dialogue-texts.ts'
import { openLlavaDialogues } from './llava-dialogues.ts'

/**
 * What Stage II of a config learns from: the dialogues of each task of a weight above 0, training and held out. For a
 * language model over the texts' own words they are written plainly, for a pretrained one as people write.
 * @param cells of the coarsest code map
 * @throws DataError if a task cannot be made from the pictures, or a file cannot be used
 */
export async function openVisualDialogues(
  config: ExperimentConfig,
  pictures: PictureSet,
  cells: number,
): Promise<VisualDialogueSource> {
  const { multimodal, language, data, seed } = config
  const asked = taskNames.filter((task) => multimodal.tasks[task] > 0)
  if (asked.length === 0)
    throw new DataError('multimodal.tasks gives no task a weight, and Stage II learns from nothing; set one above 0')
  const writing: Writing = language.model === 'words' ? 'words' : 'sentences'
  const builtIn = builtInDialogues(pictures, {
    tasks: asked.filter((task): task is BuiltInTask => task !== 'dialogue'),
    seed,
    splitSeed: data.splitSeed,
    writing,
    cells,
    segments: multimodal.segments,
    unconditional: multimodal.unconditional,
  })
  if (!asked.includes('dialogue')) return builtIn
  const files = await openFile(multimodal)
  const written = (set: VisualDialogueSet) => (writing === 'words' ? rewrittenDialogues(set, plainText) : set)
  const merged = (side: 'training' | 'heldOut'): Map<TaskName, VisualDialogueSet> =>
    new Map([...builtIn[side], ...Array.from(files[side], ([task, set]) => [task, written(set)] as const)])
  return { ...files, training: merged('training'), heldOut: merged('heldOut') }
}

async function openFile({
  dialoguesPath,
  picturesPath,
}: Pick<ExperimentConfig['multimodal'], 'dialoguesPath' | 'picturesPath'>): Promise<VisualDialogueSource> {
  for (const [setting, path] of Object.entries({ dialoguesPath, picturesPath }))
    if (path === '')
      throw new DataError(
        `multimodal.tasks.dialogue is above 0, and multimodal.${setting} is empty; set it, or the weight to 0`,
      )
  return openLlavaDialogues(dialoguesPath, picturesPath)
}
