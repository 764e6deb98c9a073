import { crossed } from './draw.ts'
import { type Asked, askedOf } from './subjects.ts'
import { asking, type Task, type TaskSettings } from './task.ts'

const QUESTIONS = {
  name: ['what is this?', 'what do you see?', 'name the thing in the picture.'],
  kind: ['what kind of thing is this?', 'what kind of thing do you see?', 'name the kind of the thing in the picture.'],
} as const

/** name: what is this? By name and by kind. */
export function nameTask({ subjects, side, seed, write }: TaskSettings): Task {
  const items = askedOf(subjects, side)
  const rows = crossed(items.length, QUESTIONS.name.length, seed, 'name', side)
  return {
    count: rows.count,
    dialogue(row) {
      const { item, variant } = rows.at(row)
      const { picture, term } = items[item] as Asked
      return asking({ kind: 'picture', picture }, write(QUESTIONS[term.level][variant] as string), write(term.phrase))
    },
  }
}
