import type { PictureInfo } from '../../data/picture-set.ts'
import type { Subjects } from './subjects.ts'
import { type Level, levels } from './term.ts'

/** A picture in words. */
export interface Described {
  picture: number
  level: Level
  /** "a 3D drawing of a red apple", "a 3D drawing of a fruit", or a caption of any wording. */
  text: string
  /** Only what is drawn: "a red apple"; null of a caption of any wording. */
  bare: string | null
  /** Whether training has pictures of what the text names. */
  known: boolean
}

/**
 * What can be said of a picture: its caption; and where that ends with the name of the thing, the same with its kind.
 * Captions of any wording have no level: they count as known.
 */
export function descriptionsOf(subjects: Subjects, picture: number): Described[] {
  const { caption } = subjects.pictures[picture] as PictureInfo
  const name = subjects.term(picture, 'name')
  const plain = caption.replaceAll('.', '')
  if (!name || !plain.endsWith(` ${name.phrase}`))
    return [{ picture, level: 'name', text: caption.replace(/[.\s]+$/, ''), bare: null, known: true }]
  const drawing = plain.slice(0, -name.phrase.length)
  return levels.flatMap((level) => {
    const term = subjects.term(picture, level)
    if (!term) return []
    return [{ picture, level, text: drawing + term.phrase, bare: term.phrase, known: term.pictures.length > 0 }]
  })
}
