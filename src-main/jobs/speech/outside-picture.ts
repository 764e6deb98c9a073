import type { DataConfig } from '../../../src-shared/config.ts'
import { decodePicture } from '../../data/decode-picture.ts'
import { reasonOf } from '../../data/source.ts'
import { ON_WHITE } from '../../data/sources/folder-files.ts'
import { ModelError } from './model-error.ts'

/**
 * A picture that is none of a run's, as the run's own are read: its crop, on its background.
 * @param bytes of the file
 * @returns U8 [side, side, 3]
 * @throws as `decodePicture`
 */
export function outsidePicture(data: DataConfig, bytes: Uint8Array, side: number): Promise<Uint8Array> {
  const background = data.source.kind === 'emoji' ? data.source.background : ON_WHITE.background
  return decodePicture({ ...ON_WHITE, bytes, background }, side, data.crop)
}

/** What the window is told of a picture that cannot be read. @throws ModelError */
export async function readable(read: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await read()
  } catch (error) {
    throw new ModelError(
      'unreadable',
      `the picture cannot be read: ${reasonOf(error)}`,
      'Put it right in its folder.',
      {
        cause: error,
      },
    )
  }
}
