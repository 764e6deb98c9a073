import { descriptionsOf } from './descriptions.ts'
import { crossed } from './draw.ts'
import { asking, type Task, type TaskSettings } from './task.ts'

const QUESTIONS = {
  name: ['describe the picture.', 'what does the picture show?', 'write a caption for the picture.'],
  kind: ['describe the picture roughly.', 'what does the picture show, roughly?', 'write a rough caption.'],
} as const

/** caption: what a picture shows and how it is drawn; roughly, with the kind of the thing in place of its name. */
export function captionTask({ subjects, side, seed, write }: TaskSettings): Task {
  const items = subjects[side].flatMap((picture) => descriptionsOf(subjects, picture)).filter(({ known }) => known)
  const rows = crossed(items.length, QUESTIONS.name.length, seed, 'caption', side)
  return {
    count: rows.count,
    dialogue(row) {
      const { item, variant } = rows.at(row)
      const { picture, level, text } = items[item] as (typeof items)[number]
      return asking({ kind: 'picture', picture }, write(QUESTIONS[level][variant] as string), write(text))
    },
  }
}
