import type { AskedOfModel } from '../../../src-shared/contract/multimodal.ts'
import { encodeSafetensors } from '../../../src-shared/safetensors.ts'
import type { PictureSet } from '../../data/picture-set.ts'
import { ModelError } from './model-error.ts'
import type { AnswerOfModel } from './procedures.ts'

/** The pictures of a run, as its model sees them. */
export interface RunPictures {
  pictures: Pick<PictureSet, 'pictures' | 'training' | 'heldOut' | 'count'>
  /** S */
  resolution: number
  /** U8 [S, S, 3] */
  pixelsOf(reference: { kind: 'picture'; picture: number }): Promise<Uint8Array>
}

/** @param pictures U8 [S, S, 3] each, of one side @returns safetensors of U8 [S, S, 3] by name */
export const pictureFile = (pictures: Record<string, Uint8Array>, side: number): Uint8Array<ArrayBuffer> =>
  encodeSafetensors(
    Object.fromEntries(
      Object.entries(pictures).map(([name, data]) => [name, { dtype: 'U8' as const, shape: [side, side, 3], data }]),
    ),
  ) as Uint8Array<ArrayBuffer>

/** @param pictures U8 [S, S, 3] each @returns safetensors of U8 `pictures` [N, S, S, 3] */
export function picturesFile(pictures: readonly Uint8Array[], side: number): Uint8Array<ArrayBuffer> {
  const size = side * side * 3
  const data = new Uint8Array(pictures.length * size)
  for (const [row, picture] of pictures.entries()) data.set(picture, row * size)
  return encodeSafetensors({
    pictures: { dtype: 'U8', shape: [pictures.length, side, side, 3], data },
  }) as Uint8Array<ArrayBuffer>
}

/** Pictures of one side of the run's split whose caption or label has the searched words. */
export async function listPictures(
  { pictures, pixelsOf, resolution }: RunPictures,
  { side, from, count, search }: AskedOfModel['pictures'],
): Promise<AnswerOfModel<'pictures'>> {
  const sought = search.toLowerCase().trim()
  const found = pictures[side].filter((at) => {
    const { caption, label } = pictures.pictures[at] as { caption: string; label: string }
    return `${caption}\n${label}`.toLowerCase().includes(sought)
  })
  const chosen = found.slice(from, from + count)
  const shown: Uint8Array[] = []
  for (const picture of chosen) shown.push(await pixelsOf({ kind: 'picture', picture }))
  return {
    total: found.length,
    pictures: chosen.map((picture) => {
      const { caption, label } = pictures.pictures[picture] as { caption: string; label: string }
      return { picture, caption, label }
    }),
    file: picturesFile(shown, resolution),
  }
}

/** Pixels of one of the run's pictures. @throws ModelError if there is none of that index */
export async function pictureOf(
  { pictures, pixelsOf }: Pick<RunPictures, 'pictures' | 'pixelsOf'>,
  picture: number,
): Promise<Uint8Array> {
  if (picture >= pictures.count)
    throw new ModelError(
      'not-found',
      `the run has no picture ${picture}`,
      `Its pictures go by the numbers 0 to ${pictures.count - 1}.`,
    )
  return pixelsOf({ kind: 'picture', picture })
}
