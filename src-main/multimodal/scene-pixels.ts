import { realpath } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { Crop } from '../data/crop.ts'
import { decodePicture } from '../data/decode-picture.ts'
import type { PictureSet } from '../data/picture-set.ts'
import { DataError, reasonOf } from '../data/source.ts'
import { isMissing, LARGEST_PICTURE, readPlain } from '../data/sources/files.ts'
import { ON_WHITE } from '../data/sources/folder-files.ts'
import type { PictureReference } from './dialogue.ts'

/** Where the pictures of dialogues come from. */
export interface PictureOrigin {
  set: Pick<PictureSet, 'resolution' | 'count' | 'pixels'>
  /** Folder of the pictures that are files; '' if there are none. */
  folder: string
  /** How pictures that are files are cut to a square; one that is random takes the middle. */
  crop: Crop
}

const WHITE = 255

/**
 * Pixels of a picture that a dialogue shows. Pictures of the set are scaled by Lanczos where the side is another than
 * theirs; a scene is white where nothing is placed.
 * @returns U8 [side, side, 3], which must not be written to
 * @throws RangeError for a picture or cell that is not there
 * @throws DataError for a file that is missing, leads out of the folder, or cannot be decoded
 */
export async function pixelsOf(reference: PictureReference, side: number, origin: PictureOrigin): Promise<Uint8Array> {
  switch (reference.kind) {
    case 'picture':
      return ofSet(reference.picture, side, origin.set)
    case 'scene':
      return ofScene(reference, side, origin.set)
    case 'file':
      return ofFile(reference.path, side, origin)
  }
}

async function ofSet(picture: number, side: number, set: PictureOrigin['set']): Promise<Uint8Array> {
  if (!(Number.isInteger(picture) && picture >= 0 && picture < set.count))
    throw new RangeError(`a dialogue shows picture ${picture}, and the set has ${set.count}`)
  const pixels = set.pixels(picture)
  if (side === set.resolution) return pixels
  const raw = { width: set.resolution, height: set.resolution, channels: 3 as const }
  return decodePicture({ bytes: pixels, raw, ...ON_WHITE }, side)
}

async function ofScene(
  { side: cells, placements }: Extract<PictureReference, { kind: 'scene' }>,
  side: number,
  set: PictureOrigin['set'],
): Promise<Uint8Array> {
  const cell = Math.floor(side / cells)
  if (!(cell >= 1)) throw new RangeError(`a scene of ${cells}×${cells} pictures does not fit into ${side} pixels`)
  const scene = new Uint8Array(side * side * 3).fill(WHITE)
  for (const { picture, row, column } of placements) {
    if (!(row >= 0 && row < cells && column >= 0 && column < cells))
      throw new RangeError(`a scene of ${cells}×${cells} pictures has none in row ${row}, column ${column}`)
    const pixels = await ofSet(picture, cell, set)
    for (let y = 0; y < cell; y++)
      scene.set(pixels.subarray(y * cell * 3, (y + 1) * cell * 3), ((row * cell + y) * side + column * cell) * 3)
  }
  return scene
}

async function ofFile(path: string, side: number, { folder, crop }: PictureOrigin): Promise<Uint8Array> {
  const bytes = await readInside(folder, path)
  try {
    return await decodePicture({ bytes, ...ON_WHITE }, side, crop)
  } catch (error) {
    throw new DataError(`the picture "${path}" of "${folder}" cannot be decoded: ${reasonOf(error)}`, { cause: error })
  }
}

/** No name leads out of the folder, neither by its parts nor by a symbolic link; links are not followed at all. */
async function readInside(folder: string, path: string): Promise<Uint8Array> {
  const problem = (what: string, cause?: unknown) => new DataError(`the picture "${path}" ${what}`, { cause })
  if (folder === '') throw problem('is a file, and multimodal.picturesPath names no folder')
  try {
    const root = await realpath(folder)
    const wanted = resolve(root, path)
    const inside = relative(root, wanted)
    if (inside === '' || isAbsolute(path) || isAbsolute(inside) || inside.split(sep)[0] === '..')
      throw problem(`lies outside of the folder "${folder}"`)
    if ((await realpath(wanted)) !== wanted) throw problem('is reached by a symbolic link, which is not followed')
    return await readPlain(wanted, LARGEST_PICTURE)
  } catch (error) {
    if (error instanceof DataError) throw error
    if (isMissing(error as NodeJS.ErrnoException)) throw problem(`is not in the folder "${folder}"`, error)
    throw problem(`of the folder "${folder}" cannot be read: ${reasonOf(error)}`, error)
  }
}
