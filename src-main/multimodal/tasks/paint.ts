import { createRandom } from '../../data/random.ts'
import { IMAGE } from '../../language/text-layout.ts'
import { descriptionsOf } from './descriptions.ts'
import { crossed } from './draw.ts'
import type { Task, TaskSettings } from './task.ts'

const REQUESTS = ['paint', 'draw'] as const

/** A request that says nothing of the picture: what guidance compares with. */
export const anyPicture = (write: (text: string) => string): string => write('paint a picture.')

/**
 * paint: text in, codes out. By name and by kind, with the style and without. A held-out picture is asked for by what
 * training has taught, as in the questions. A share of the training requests say nothing of the picture.
 */
export function paintTask({ subjects, side, seed, write, unconditional }: TaskSettings): Task {
  const items = subjects[side].flatMap((picture) =>
    descriptionsOf(subjects, picture)
      .filter(({ known }) => known)
      .flatMap(({ text, bare }) =>
        (bare === null || bare === text ? [text] : [text, bare]).map((what) => ({ picture, what })),
      ),
  )
  const rows = crossed(items.length, REQUESTS.length, seed, 'paint', side)
  return {
    count: rows.count,
    dialogue(row) {
      const { item, variant } = rows.at(row)
      const { picture, what } = items[item] as (typeof items)[number]
      const isOpen = side === 'training' && createRandom(seed, 'unconditional', row).uniform() < unconditional
      return {
        turns: [{ question: isOpen ? anyPicture(write) : write(`${REQUESTS[variant]} ${what}.`), answer: IMAGE }],
        pictures: [{ picture: { kind: 'picture', picture }, form: 'flattened' }],
      }
    },
  }
}
