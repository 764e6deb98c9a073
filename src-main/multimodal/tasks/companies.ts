import type { TaskName } from '../../../src-shared/multimodal.ts'
import type { Random } from '../../data/random.ts'
import { compositionsOf } from './compositions.ts'
import { draw } from './draw.ts'
import type { Side, Subjects } from './subjects.ts'
import { tooFew } from './task.ts'
import { mayBeBoth, type Term } from './term.ts'

/** Things in a scene beside the two that it is about. */
const MORE = 2

/** The things of a scene: the one that is asked about, the other of its pair, and what else is there. */
export type Company = [thing: Term, other: Term, ...more: Term[]]

/**
 * Draws two to four things, each once, that cannot be mistaken for each other. The first two are a pair that is held out on
 * the held-out side; no two things of a training scene are.
 * @throws DataError if there are not three different things
 */
export function companies({ known, splitSeed }: Subjects, side: Side, task: TaskName): (random: Random) => Company {
  const things = known.name
  const compositions = compositionsOf({ name: things }, splitSeed)
  if (things.length < 3) throw tooFew(task, 'three different things')
  const pairOf = (random: Random): Company => {
    let other: Term | null = null
    const thing = draw(things, random, (one) => {
      const fits = (two: Term) => !mayBeBoth(one, two) && compositions.isPairHeldOut(one, two) === (side === 'heldOut')
      other = draw(things, random, fits)
      return other !== null
    })
    if (!thing || !other) throw tooFew(task, `more different things (a pair for the ${side} side)`)
    return [thing, other]
  }
  /** Another thing that the scene can show; a scene of a few things may have no place for more. */
  const addTo = (shown: Company, random: Random): void => {
    const fits = (term: Term) =>
      shown.every(
        (known) => !mayBeBoth(known, term) && (side === 'heldOut' || !compositions.isPairHeldOut(known, term)),
      )
    const more = draw(things, random, fits)
    if (more) shown.push(more)
  }
  return (random) => {
    const shown = pairOf(random)
    for (let more = random.int(MORE + 1); more > 0; more--) addTo(shown, random)
    return shown
  }
}
