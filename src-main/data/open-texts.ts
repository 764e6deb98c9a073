import type { LanguageConfig } from '../../src-shared/config.ts'
import { openDialogueFile } from './dialogue-file.ts'
import { type DialogueSource, dialoguesOfPairs, rewritten } from './dialogues.ts'
import type { PictureSet } from './picture-set.ts'
import { buildTexts, plainText } from './texts.ts'

/**
 * The instruction data of a config: pairs made from the pictures, or a file's dialogues. For a model over the texts' own
 * words they are written plainly, for a pretrained one as people write.
 * @throws DataError if a file cannot be used
 */
export async function openTexts(
  { model, texts, textsPath, textsLimit }: LanguageConfig,
  pictures: Pick<PictureSet, 'pictures' | 'described'>,
): Promise<DialogueSource> {
  const words = model === 'words'
  if (texts === 'pictures') {
    const built = buildTexts(pictures, words ? 'words' : 'sentences')
    return dialoguesOfPairs(textsLimit > 0 ? { ...built, training: built.training.slice(0, textsLimit) } : built)
  }
  const source = await openDialogueFile(textsPath, texts, textsLimit)
  return words ? rewritten(source, plainText) : source
}
