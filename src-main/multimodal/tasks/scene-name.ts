import { createRandom, type Random } from '../../data/random.ts'
import { companies } from './companies.ts'
import { type PlacedThing, SCENE_SIDE, SCENES, scattered } from './compositions.ts'
import { oneOf } from './draw.ts'
import { askingAll, type Question, type Task, type TaskSettings } from './task.ts'
import { levels } from './term.ts'

const QUESTIONS = {
  name: [(corner: string) => `what is at the ${corner}?`, (corner: string) => `what do you see at the ${corner}?`],
  kind: [
    (corner: string) => `what kind of thing is at the ${corner}?`,
    (corner: string) => `what kind of thing do you see at the ${corner}?`,
  ],
} as const

/**
 * scene-name: what is this, of one thing among others? By name and by kind. A training dialogue asks about each thing of its
 * scene, a held-out one about one thing of a pair that is held out.
 * @throws DataError if there are not three different things
 */
export function sceneNameTask({ subjects, side, seed, write }: TaskSettings): Task {
  const inCompany = companies(subjects, side, 'scene-name')
  const ask = ({ thing, placement, corner }: PlacedThing, wanted: number, random: Random): Question => {
    const kind = levels[wanted % levels.length] === 'kind' ? subjects.term(placement.picture, 'kind') : null
    const { level, phrase } = kind ?? thing
    return { question: write(oneOf(QUESTIONS[level], random)(corner)), answer: write(phrase) }
  }
  return {
    count: SCENES[side],
    endless: side === 'training',
    dialogue(row) {
      const random = createRandom(seed, 'scene-name', side, row)
      const [first, ...others] = scattered(inCompany(random), random)
      const asked = side === 'heldOut' ? [] : others
      return askingAll(
        { kind: 'scene', side: SCENE_SIDE, placements: [first, ...others].map(({ placement }) => placement) },
        [ask(first, row, random), ...asked.map((one, at) => ask(one, row + at + 1, random))],
      )
    },
  }
}
