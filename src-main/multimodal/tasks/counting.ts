import { createRandom } from '../../data/random.ts'
import { cells, compositionsOf, MOST, placed, SCENE_SIDE, SCENES, shuffled } from './compositions.ts'
import { draw, oneOf } from './draw.ts'
import { othersOf } from './others.ts'
import { asking, type Task, type TaskSettings, tooFew } from './task.ts'
import { levels, type Term } from './term.ts'

const WORDINGS = [
  (phrase: string) => `how many times do you see ${phrase}?`,
  (phrase: string) => `how often does the picture show ${phrase}?`,
] as const

/**
 * counting: how many times is it in the scene? One to four times, each as often, among things that it cannot be mistaken
 * for, half of them of its own kind or group. Asked by name and by kind. Held out are counts of a thing.
 * @throws DataError if there are not two different things
 */
export function countingTask({ subjects, side, seed, write }: TaskSettings): Task {
  const { name, kind } = subjects.known
  const names = new Set(name.map(({ phrase }) => phrase))
  // Some things have the name of their kind.
  const things = { name, kind: kind.filter(({ phrase }) => !names.has(phrase)) }
  const compositions = compositionsOf(things, subjects.splitSeed)
  const others = othersOf(subjects)
  const asked = levels.filter((level) => things[level].length > 1)
  if (asked.length === 0) throw tooFew('counting', 'two different things')
  return {
    count: SCENES[side],
    endless: side === 'training',
    dialogue(row) {
      const random = createRandom(seed, 'counting', side, row)
      const count = 1 + (row % MOST)
      const level = asked[Math.floor(row / MOST) % asked.length] as (typeof asked)[number]
      const isSide = (term: Term) => compositions.isCountHeldOut(term, count) === (side === 'heldOut')
      const thing = draw(things[level], random, isSide)
      if (!thing) throw tooFew('counting', `more different things (a thing shown ${count} times for the ${side} side)`)
      const distractors: Term[] = []
      const wanted = random.int(MOST - count + 1)
      while (distractors.length < wanted) {
        const other = others.thing(thing, random.uniform() < 0.5 ? 'adversarial' : 'random', random)
        if (!other) break
        distractors.push(other)
      }
      const shown = [...Array.from({ length: count }, () => thing), ...distractors]
      const places = shuffled(cells, random)
      const placements = shown.map((term, at) => placed(term, places[at] as (typeof places)[number], random))
      const question = oneOf(WORDINGS, random)(thing.phrase)
      return asking({ kind: 'scene', side: SCENE_SIDE, placements }, write(question), write(`${count}`))
    },
  }
}
