import type { ExperimentConfig } from '../../src-shared/config.ts'
import { type TaskName, taskNames } from '../../src-shared/multimodal.ts'
import type { PictureSet } from '../data/picture-set.ts'
import { DataError } from '../data/source.ts'
import { plainText } from '../data/texts.ts'
import { type BuiltInSettings, type BuiltInTask, builtInDialogues } from './built-in-tasks.ts'
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
  const { multimodal } = config
  const asked = taskNames.filter((task) => multimodal.tasks[task] > 0)
  if (asked.length === 0)
    throw new DataError('multimodal.tasks gives no task a weight, and Stage II learns from nothing; set one above 0')
  const settings = builtInSettings(config, cells)
  const builtIn = builtInDialogues(pictures, settings)
  if (!asked.includes('dialogue')) return builtIn
  const files = await openFile(multimodal)
  const written = (set: VisualDialogueSet) => (settings.writing === 'words' ? rewrittenDialogues(set, plainText) : set)
  const merged = (side: 'training' | 'heldOut'): Map<TaskName, VisualDialogueSet> =>
    new Map([...builtIn[side], ...Array.from(files[side], ([task, set]) => [task, written(set)] as const)])
  return { ...builtIn, ...files, training: merged('training'), heldOut: merged('heldOut') }
}

/** How the built-in dialogues of a config are made. @param cells of the coarsest code map */
export function builtInSettings(
  { multimodal, language, data, seed }: ExperimentConfig,
  cells: number,
): BuiltInSettings {
  return {
    tasks: taskNames.filter((task): task is BuiltInTask => task !== 'dialogue' && multimodal.tasks[task] > 0),
    seed,
    splitSeed: data.splitSeed,
    writing: language.model === 'words' ? 'words' : 'sentences',
    cells,
    segments: multimodal.segments,
    unconditional: multimodal.unconditional,
    concepts: multimodal.concepts,
  }
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
