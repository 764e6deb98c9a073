import type { Decompression } from '../../../../src-shared/contract/multimodal.ts'
import type { Pixels } from '../../../pictures/PictureTile.tsx'

/** A decompression with its pictures read. */
export type ShownDecompression = Omit<Decompression, 'file'> & {
  pictures: Record<'input' | 'truth' | 'teacherForced' | 'freeRunning', Pixels>
}
