import { permutation } from '../../data/permutation.ts'
import { DataError } from '../../data/source.ts'
import { IMAGE } from '../../language/text-layout.ts'
import type { PlacedPicture } from '../dialogue.ts'
import type { Task, TaskSettings } from './task.ts'

/**
 * decompression (Eq. 4 and 5): the coarsest map is cut into segments of cells, as even as can be; each is a turn that gives
 * their aggregated vectors and asks for their codes.
 * @throws DataError if there are more segments than cells
 */
export function decompressionTask({ subjects, side, seed, cells, segments }: TaskSettings): Task {
  if (segments > cells)
    throw new DataError(
      `multimodal.segments (${segments}) is more than the ${cells} cells of a picture; set it to ${cells} at most`,
    )
  const pictures = subjects[side]
  const order = permutation(pictures.length, seed, 'decompression', side)
  const border = (segment: number) => Math.floor((segment * cells) / segments)
  return {
    count: pictures.length,
    dialogue(row) {
      const picture = { kind: 'picture', picture: pictures[order(row)] as number } as const
      const parts = Array.from({ length: segments }, (_, segment) => ({
        from: border(segment),
        to: border(segment + 1),
      }))
      return {
        turns: parts.map(() => ({ question: IMAGE, answer: IMAGE })),
        pictures: parts.flatMap((part): PlacedPicture[] => [
          { picture, form: 'aggregated', cells: part },
          { picture, form: 'flattened', cells: part },
        ]),
      }
    },
  }
}
