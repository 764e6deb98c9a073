import { createHash } from 'node:crypto'
import type { PictureInfo } from '../picture-set.ts'

/** The unit of the split where a source names no concepts: what the picture's bytes are, wherever they lie. */
export const identitySha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Characters of a caption that are kept, and of the name that is made from one. */
const CAPTION = 2000
const NAME = 80

/** What is known of a picture that has a caption and no class. */
export function captioned(id: string, bytes: Uint8Array, text: string): PictureInfo {
  const caption = text.replace(/\s+/g, ' ').trim().slice(0, CAPTION)
  return {
    id,
    concept: identitySha(bytes),
    label: caption.slice(0, NAME),
    caption,
    group: '',
    subgroup: '',
    tags: [],
    style: 'captioned',
  }
}

/** What is known of a picture that has a class. @param caption '' if there is none */
export function classified(id: string, bytes: Uint8Array, className: string, caption: string): PictureInfo {
  const label = className.replace(/[_\s]+/g, ' ').trim()
  return {
    id,
    concept: identitySha(bytes),
    label,
    caption: caption.replace(/\s+/g, ' ').trim().slice(0, CAPTION) || `a picture of ${label}`,
    group: className,
    subgroup: className,
    tags: [],
    style: 'folder',
  }
}
