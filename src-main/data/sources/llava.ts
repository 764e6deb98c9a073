import { reasonOf, type SourceListing } from '../source.ts'
import { openCaptionedFolder } from './captioned-folder.ts'
import { jsonRecords, parseRecord } from './json-records.ts'
import type { KeptListing } from './kept-listing.ts'

/**
 * A JSON list of { id, image, conversations } beside a folder of pictures, as LCS-558K and the LLaVA mixes come. The
 * caption is what the first answer says. Records are found by their place in the file and read again when a picture is.
 * @throws DataError if the file is no such list, or names no picture of the folder
 */
export async function listLlava(path: string, pictures: string, kept?: KeptListing): Promise<SourceListing> {
  const folder = await openCaptionedFolder(path, pictures, kept)
  const { captions, refused } = folder
  let number = 0
  try {
    for await (const { from, bytes } of jsonRecords(captions)) {
      const name = `record ${number++}`
      try {
        const { image, conversations } = parseRecord(bytes)
        if (image === undefined) throw new Error('names no picture')
        if (typeof image !== 'string') throw new Error(`its image is ${JSON.stringify(image)?.slice(0, 60)}, no name`)
        answerOf(conversations)
        const picture = folder.find(image)
        if (picture < 0) throw new Error(`its picture "${image.slice(0, 200)}" is not in the folder`)
        folder.add(picture, from, bytes.length)
      } catch (error) {
        refused.add(name, reasonOf(error))
      }
    }
    return folder.listing((bytes) => answerOf(parseRecord(bytes).conversations))
  } catch (error) {
    await captions.close()
    throw error
  }
}

/** What the model side says first. @throws Error if nobody says anything */
function answerOf(conversations: unknown): string {
  if (!Array.isArray(conversations)) throw new Error('its conversations are no list')
  for (const turn of conversations as unknown[]) {
    const { from, value } = (turn ?? {}) as { from?: unknown; value?: unknown }
    if ((from === 'gpt' || from === 'assistant') && typeof value === 'string' && value.trim() !== '') return value
  }
  throw new Error('its conversations hold no answer')
}
