import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { pretrainedEncoder, type TaskName, taskNames } from '../../../src-shared/multimodal.ts'
import { pictureLayout } from '../../multimodal/picture-layout.ts'

/**
 * Tokens of the text of a built-in dialogue: for the dialogue and for each of its turns. Measured over the tasks by the words
 * of the quick presets (9 to 15 for a turn) and by SmolLM2's tokenizer and template (40 to 65 for one turn, 81 to 89 for three).
 */
const TEXT = { words: { dialogue: 0, turn: 13 }, pretrained: { dialogue: 25, turn: 20 } }
/** Turns of a training dialogue about a scene, on average. */
const SCENE_TURNS = 3

/**
 * Mean positions of a sequence of Stage II, by the weights of its tasks: exact for pictures, a usual length for texts. Dialogues
 * of a file count as the whole context.
 */
export function meanPositions(config: ExperimentConfig): number {
  const { multimodal, language } = config
  const text = TEXT[language.model === 'words' ? 'words' : 'pretrained']
  const { cells, slots } = pictureLayout(config)
  const flattened = cells * slots
  const read = multimodal.input === 'flattened' ? flattened : (pretrainedEncoder(multimodal)?.patches ?? cells)
  const of = (task: TaskName): number => {
    if (task === 'dialogue') return multimodal.context
    if (task === 'paint') return text.dialogue + text.turn + flattened
    if (task === 'decompression') return text.dialogue + multimodal.segments * text.turn + cells + flattened
    const turns = task === 'scene-name' || task === 'scene-yes-no' ? SCENE_TURNS : 1
    return text.dialogue + turns * text.turn + read
  }
  const weights = taskNames.reduce((sum, task) => sum + multimodal.tasks[task], 0)
  if (weights === 0) return multimodal.context
  const mean = taskNames.reduce((sum, task) => sum + multimodal.tasks[task] * of(task), 0) / weights
  return Math.min(multimodal.context, mean)
}
