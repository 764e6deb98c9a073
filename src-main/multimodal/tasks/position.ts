import { createRandom } from '../../data/random.ts'
import { companies } from './companies.ts'
import { type Cell, CORNERS, cells, placed, SCENE_SIDE, SCENES, shuffled } from './compositions.ts'
import { oneOf } from './draw.ts'
import { asking, type Task, type TaskSettings } from './task.ts'

/** Where the asked thing is from another, and the cell of both by the row or column that they share. */
const RELATIONS = [
  { name: 'left', thing: (shared: number) => ({ row: shared, column: 0 }) },
  { name: 'right', thing: (shared: number) => ({ row: shared, column: 1 }) },
  { name: 'above', thing: (shared: number) => ({ row: 0, column: shared }) },
  { name: 'below', thing: (shared: number) => ({ row: 1, column: shared }) },
] as const

const opposite = (name: (typeof RELATIONS)[number]['name'], { row, column }: Cell): Cell =>
  name === 'left' || name === 'right' ? { row, column: 1 - column } : { row: 1 - row, column }

const CORNER_QUESTIONS = [
  (thing: string) => `where do you see ${thing}?`,
  (thing: string) => `in which corner do you see ${thing}?`,
] as const
const RELATION_QUESTIONS = [
  (thing: string, from: string) => `do you see ${thing} left of, right of, above or below ${from}?`,
  (thing: string, from: string) => `where do you see ${thing}, left of, right of, above or below ${from}?`,
] as const

/**
 * position: in which corner of the scene is it, or on which side of another thing? Each of the eight answers is given as
 * often. A scene shows two to four things, each once, that cannot be mistaken for each other. Held out are pairs of things.
 * @throws DataError if there are not three different things
 */
export function positionTask({ subjects, side, seed, write }: TaskSettings): Task {
  const inCompany = companies(subjects, side, 'position')
  return {
    count: SCENES[side],
    endless: side === 'training',
    dialogue(row) {
      const random = createRandom(seed, 'position', side, row)
      const shown = inCompany(random)
      const [thing, from] = shown
      const variant = row % (CORNERS.length + RELATIONS.length)
      const relation = RELATIONS[variant - CORNERS.length]
      const own = relation ? relation.thing(random.int(SCENE_SIDE)) : (cells[variant] as Cell)
      const taken = relation ? [own, opposite(relation.name, own)] : [own]
      const free = cells.filter(({ row, column }) => !taken.some((cell) => cell.row === row && cell.column === column))
      const places = [...taken, ...shuffled(free, random)]
      const placements = shown.map((term, at) => placed(term, places[at] as Cell, random))
      const question = relation
        ? oneOf(RELATION_QUESTIONS, random)(thing.phrase, from.phrase)
        : oneOf(CORNER_QUESTIONS, random)(thing.phrase)
      const answer = relation ? relation.name : (CORNERS[variant] as string)
      return asking({ kind: 'scene', side: SCENE_SIDE, placements }, write(question), write(answer))
    },
  }
}
