import { expect, it } from 'vitest'
import { type PictureSource, pictureSourceSchema } from '../../../src-shared/picture-source.ts'
import {
  emptySource,
  isSourceDraft,
  KIND_LABELS,
  PICTURE_KINDS,
  type SimpleKind,
  sourceTitle,
} from './picture-kinds.ts'

const kinds = ['emoji', ...Object.keys(PICTURE_KINDS)] as SimpleKind[]

it('offers every kind that a config may have', () => {
  expect(Object.keys(KIND_LABELS).sort()).toEqual(
    pictureSourceSchema.options.map((option) => [...option.shape.kind.values][0]).sort(),
  )
})

it('makes a source that is whole once its paths are filled in', () => {
  for (const kind of kinds) {
    const empty: Record<string, unknown> = emptySource(kind)
    expect(isSourceDraft(empty)).toBe(true)
    const filled = Object.fromEntries(
      Object.entries(empty).map(([key, value]) => [key, value === '' ? '/data/x' : value]),
    )
    expect(pictureSourceSchema.safeParse(filled).success, kind).toBe(true)
    expect(sourceTitle(filled as PictureSource)).not.toBe('')
  }
})

it('keeps the folder of pictures from one kind of caption file to another', () => {
  const llava: PictureSource = { kind: 'llava', path: '/a.json', pictures: '/pictures' }
  expect(emptySource('coco', llava)).toEqual({ kind: 'coco', path: '', pictures: '/pictures' })
})

it('takes nothing else for a source', () => {
  for (const value of [null, 3, 'folder', {}, { kind: 'toString' }, { kind: 7 }])
    expect(isSourceDraft(value)).toBe(false)
})
