import type { DataConfig } from '../../src-shared/config.ts'
import { openPictures } from '../data/open-pictures.ts'
import type { InstructionTexts, PictureSet } from '../data/picture-set.ts'
import { buildTexts } from '../data/texts.ts'
import type { Changes } from './changes.ts'

/** Picture sets as the window asks for them. */
export interface PictureLibrary {
  /** The set is open for as long as `use` takes. @throws DataError saying what is wrong with the source */
  use<Result>(data: DataConfig, use: (pictures: PictureSet) => Promise<Result> | Result): Promise<Result>
  /** Counts and texts of a source; remembered, because every keystroke in a plan asks for them. */
  facts(data: DataConfig): Promise<PictureFacts>
}

export interface PictureFacts {
  training: number
  heldOut: number
  texts: InstructionTexts
}

const REMEMBERED = 4
const TELL_EVERY_MS = 500

export function createPictureLibrary(cacheDir: string, changes: Changes): PictureLibrary {
  const remembered = new Map<string, Promise<PictureFacts>>()
  const use: PictureLibrary['use'] = async (data, use) => {
    let toldAt = 0
    const onProgress = (done: number, total: number, what: string): void => {
      if (done < total && Date.now() - toldAt < TELL_EVERY_MS) return
      toldAt = Date.now()
      changes.emit({ topic: 'data', message: `${what}: ${done} of ${total}` })
    }
    const pictures = await openPictures(data, { cacheDir, onProgress })
    try {
      return await use(pictures)
    } finally {
      await pictures.close()
    }
  }
  return {
    use,
    facts(data) {
      const key = JSON.stringify(data)
      const known = remembered.get(key)
      if (known) return known
      const facts = use(data, (pictures) => ({
        training: pictures.trainingCount,
        heldOut: pictures.heldOut.length,
        texts: buildTexts(pictures),
      }))
      remembered.set(key, facts)
      // A folder may be filled or mended by the next time.
      facts.catch(() => remembered.delete(key))
      for (const oldest of [...remembered.keys()].slice(0, -REMEMBERED)) remembered.delete(oldest)
      return facts
    },
  }
}
