import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { PictureSet } from '../../data/picture-set.ts'
import { codeRows } from '../../priors/code-rows.ts'
import { picturesCodes } from '../prior/picture-codes.ts'
import type { TrainedTokenizer } from '../trained-tokenizer.ts'

/** The codes of some pictures. */
export interface SetCodes {
  /** Sides of the code maps, coarse first; and codes that each layer chooses from. */
  sides: number[]
  codes: number
  /** Per layer int32 [count · h · w]: from 0 in each layer. */
  rows: Int32Array[]
  /** The same by the ids that people see. */
  ids: Int32Array[]
}

/** Pictures that are tokenized between two words of progress. */
const PIECE = 64

/** @param progress told of the share that is done, 0 to 1 */
export async function codesOfPictures(
  config: ExperimentConfig,
  tokenizer: TrainedTokenizer,
  pictures: Pick<PictureSet, 'pixels' | 'resolution'>,
  indices: readonly number[],
  progress: (share: number) => void,
): Promise<SetCodes> {
  const { sides } = tokenizer
  const codesOf = picturesCodes(tokenizer, pictures)
  for (let begin = 0; begin < indices.length; begin += PIECE) {
    await codesOf(indices.slice(begin, begin + PIECE))
    progress(Math.min(1, (begin + PIECE) / indices.length))
  }
  const ids = await codesOf(indices)
  const rows = codeRows(config, tokenizer)
  const apart = config.codebook.paradigm === 'independent' && !config.codebook.shared
  return {
    sides: [...sides],
    codes: apart ? tokenizer.codes / sides.length : tokenizer.codes,
    rows: ids.map((map, layer) => rows.toRows(map, layer)),
    ids,
  }
}
