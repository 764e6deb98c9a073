import { type } from '@orpc/contract'
import { z } from 'zod'
import { procedure } from './procedure.ts'

/** Picture sources and dialogues. */
export const data = {
  /**
   * Counts and a contact sheet (PNG) of a picture source. Under `reading: cache` it is decoded if need be; of a stream
   * some pictures are looked at, and classes, captions and texts are of these.
   */
  describe: procedure.input(z.object({ data: z.unknown() })).output(
    type<{
      pictures: number
      training: number
      heldOut: number
      /** Pictures that a stream has looked at; null where all were read. */
      looked: number | null
      classes: { name: string; count: number }[]
      /** The first ones, and how many there are. */
      unreadable: { file: string; reason: string }[]
      unreadableCount: number
      captions: { id: string; caption: string }[]
      sheet: Blob
      texts: { training: number; heldOut: number; examples: { question: string; answer: string }[] }
    }>(),
  ),
}
