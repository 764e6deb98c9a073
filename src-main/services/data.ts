import { dataSchema } from '../../src-shared/config.ts'
import { ConfigError, describeIssues } from '../../src-shared/config-problems.ts'
import type { PictureSet } from '../data/picture-set.ts'
import { contactSheet } from '../data/png.ts'
import { DataError } from '../data/source.ts'
import { buildTexts } from '../data/texts.ts'
import { unreadable, withConfigProblems } from './errors.ts'
import type { PictureLibrary } from './picture-library.ts'

const SHEET = { columns: 16, limit: 128 }
const EXAMPLES = 12

/** What a picture source holds. */
export function createDataService(library: PictureLibrary) {
  return {
    describe: async (input: unknown): Promise<Awaited<ReturnType<typeof describe>>> => {
      const data = withConfigProblems(() => {
        const result = dataSchema.safeParse(input)
        if (result.success) return result.data
        throw new ConfigError(describeIssues(result.error.issues, input, dataSchema))
      })
      return library.use(data, describe).catch((error: unknown) => {
        if (error instanceof DataError) throw unreadable(error.message, 'Choose another picture source.')
        throw error
      })
    },
  }
}

async function describe(pictures: PictureSet) {
  const known = pictures.described ?? pictures.pictures
  const texts = buildTexts(pictures)
  const groups = Map.groupBy(known, ({ group }) => group)
  return {
    pictures: pictures.offered,
    training: pictures.trainingCount,
    heldOut: pictures.heldOut.length,
    looked: pictures.described ? known.length : null,
    classes: [...groups].map(([name, members]) => ({ name, count: members.length })),
    unreadable: pictures.unreadable,
    unreadableCount: pictures.unreadableCount,
    captions: spread(known, EXAMPLES).map(({ id, caption }) => ({ id, caption })),
    sheet: new Blob([new Uint8Array(await contactSheet(pictures, SHEET))], { type: 'image/png' }),
    texts: {
      training: texts.training.length,
      heldOut: texts.heldOut.length,
      examples: spread(texts.training, EXAMPLES),
    },
  }
}

/** At most so many of a list, spread evenly over it. */
function spread<T>(list: readonly T[], most: number): T[] {
  const every = Math.max(1, list.length / most)
  return Array.from({ length: Math.min(most, list.length) }, (_, at) => list[Math.floor(at * every)] as T)
}
