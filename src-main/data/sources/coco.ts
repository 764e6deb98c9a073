import { reasonOf, type SourceListing } from '../source.ts'
import { openCaptionedFolder } from './captioned-folder.ts'
import { Growing } from './growing.ts'
import { jsonRecords, parseRecord } from './json-records.ts'
import type { KeptListing } from './kept-listing.ts'

/**
 * COCO's captions_<split>.json: { images: [{ id, file_name }], annotations: [{ image_id, caption }] }, with the folder of
 * its pictures. Of the five captions of a picture the first in the file is taken.
 * @throws DataError if the file is of another layout, or names no picture of the folder
 */
export async function listCoco(path: string, pictures: string, kept?: KeptListing): Promise<SourceListing> {
  const folder = await openCaptionedFolder(path, pictures, kept)
  const { captions, refused } = folder
  try {
    /** Number in the folder of each picture, by COCO's id. */
    const byId = new Map<number, number>()
    const first = new Map<number, number>()
    const places = Growing.places()
    const lengths = Growing.counts()
    let annotations = 0
    let seen = 0
    for await (const { list, from, bytes } of jsonRecords(captions)) {
      if (list !== 'images' && list !== 'annotations') continue
      const number = list === 'images' ? seen++ : annotations++
      try {
        const record = parseRecord(bytes)
        if (list === 'images') {
          const { id, file_name: name } = record
          if (typeof id !== 'number' || typeof name !== 'string') throw new Error('has no id and file_name')
          const picture = folder.find(name)
          if (picture < 0) throw new Error(`its picture "${name.slice(0, 200)}" is not in the folder`)
          byId.set(id, picture)
        } else {
          const { image_id: id } = record
          if (typeof id !== 'number' || typeof record.caption !== 'string')
            throw new Error('has no image_id and caption')
          if (first.has(id)) continue
          first.set(id, places.length)
          places.add(from)
          lengths.add(bytes.length)
        }
      } catch (error) {
        refused.add(`${list} ${number}`, reasonOf(error))
      }
    }
    if (seen === 0 || annotations === 0)
      throw captions.error(
        `has ${seen} images and ${annotations} annotations; COCO's captions_train2017.json and the like have both`,
      )
    for (const [id, picture] of byId) {
      const caption = first.get(id)
      if (caption === undefined) refused.add(folder.folder.files.at(picture), 'has no caption')
      else folder.add(picture, places.at(caption), lengths.at(caption))
    }
    for (const id of first.keys()) if (!byId.has(id)) refused.add(`image_id ${id}`, 'a caption without a picture')
    return folder.listing((bytes) => String(parseRecord(bytes).caption))
  } catch (error) {
    await captions.close()
    throw error
  }
}
