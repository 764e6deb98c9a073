import { dataSchema } from '../../src-shared/config.ts'
import { ConfigError, describeIssues } from '../../src-shared/config-problems.ts'
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
    async describe(input: unknown) {
      const data = withConfigProblems(() => {
        const result = dataSchema.safeParse(input)
        if (result.success) return result.data
        throw new ConfigError(describeIssues(result.error.issues, input, dataSchema))
      })
      const pictures = await library.open(data).catch((error: unknown) => {
        if (error instanceof DataError) throw unreadable(error.message, 'Choose another picture source.')
        throw error
      })
      const texts = buildTexts(pictures)
      const groups = Map.groupBy(pictures.pictures, ({ group }) => group)
      const every = Math.max(1, Math.floor(texts.training.length / EXAMPLES))
      return {
        pictures: pictures.count,
        training: pictures.training.length,
        heldOut: pictures.heldOut.length,
        classes: [...groups].map(([name, members]) => ({ name, count: members.length })),
        unreadable: pictures.unreadable,
        sheet: new Blob([new Uint8Array(await contactSheet(pictures, SHEET))], { type: 'image/png' }),
        texts: {
          training: texts.training.length,
          heldOut: texts.heldOut.length,
          examples: texts.training.filter((_, index) => index % every === 0).slice(0, EXAMPLES),
        },
      }
    },
  }
}
