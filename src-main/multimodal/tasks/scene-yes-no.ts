import { createRandom, type Random } from '../../data/random.ts'
import { type Company, companies } from './companies.ts'
import { SCENE_SIDE, SCENES, scattered } from './compositions.ts'
import { othersOf, strategies } from './others.ts'
import { askingAll, type Question, type Task, type TaskSettings, tooFew } from './task.ts'
import { levels, maybe, type Term } from './term.ts'
import { yesNoWording } from './yes-no.ts'

/**
 * scene-yes-no: is it in the scene? By name and by kind; half of the answers are yes. What is denied is random, popular or
 * adversarial (see yes-no), and none of the things of the scene can be called so. A training dialogue asks once for each
 * thing of its scene, a held-out one once, about a thing of a pair that is held out.
 * @throws DataError if there are not three different things, or nothing that a scene does not show
 */
export function sceneYesNoTask({ subjects, side, seed, write }: TaskSettings): Task {
  const inCompany = companies(subjects, side, 'scene-yes-no')
  const others = othersOf(subjects)
  const denied = (shown: Company, about: Term, asked: Term, number: number, random: Random): Term => {
    const strategy = strategies[number % strategies.length] as (typeof strategies)[number]
    const isNowhere = (term: Term) => shown.every((name) => !maybe(name, term))
    const other = others.wrong(about, asked.level, strategy, random, isNowhere)
    if (!other) throw tooFew('scene-yes-no', `something else than ${shown.map(({ phrase }) => phrase).join(', ')}`)
    return other
  }
  return {
    count: SCENES[side],
    endless: side === 'training',
    dialogue(row) {
      const random = createRandom(seed, 'scene-yes-no', side, row)
      const shown = inCompany(random)
      const [first, ...more] = scattered(shown, random)
      const ask = ({ thing, placement }: typeof first, number: number): Question => {
        const isThere = number % 2 === 0
        const level = levels[Math.floor(number / 2) % levels.length] as (typeof levels)[number]
        const asked = subjects.term(placement.picture, level) ?? thing
        const term = isThere ? asked : denied(shown, thing, asked, Math.floor(number / 4), random)
        return { question: write(yesNoWording(random)(term.phrase)), answer: write(isThere ? 'yes' : 'no') }
      }
      return askingAll(
        { kind: 'scene', side: SCENE_SIDE, placements: [first, ...more].map(({ placement }) => placement) },
        [ask(first, row), ...(side === 'heldOut' ? [] : more.map((one) => ask(one, random.int(12))))],
      )
    },
  }
}
