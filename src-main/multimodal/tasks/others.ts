import type { Random } from '../../data/random.ts'
import { draw } from './draw.ts'
import type { Subjects } from './subjects.ts'
import { type Level, maybe, type Term } from './term.ts'

/** How POPE chooses what is not in a picture. */
export const strategies = ['random', 'popular', 'adversarial'] as const
export type Strategy = (typeof strategies)[number]

/** Kinds that are popular: those with the most training pictures. */
const POPULAR_KINDS = 8

/** What questions ask for that is not there, wrong options, and what stands beside a thing in a scene. */
export interface Others {
  /**
   * Something that a thing is not called, of which there are training pictures. random: any. popular: one of the commonest
   * kinds, or of their names. adversarial: of the same kind, for a kind of the same group; where there is no such other, of
   * the same group, and of any if need be.
   * @param name of the thing @param fits what else is asked of it
   * @returns null if there is none
   */
  wrong(name: Term, level: Level, strategy: Strategy, random: Random, fits?: (term: Term) => boolean): Term | null
  /** The name of a thing that is not what is asked for: any, or one of the same kind or group. */
  thing(asked: Term, strategy: Exclude<Strategy, 'popular'>, random: Random): Term | null
}

export function othersOf({ known }: Subjects): Others {
  const by = (key: 'group' | 'subgroup') => ({
    name: Map.groupBy(known.name, (term) => term[key]),
    kind: Map.groupBy(known.kind, (term) => term[key]),
  })
  const [byGroup, bySubgroup] = [by('group'), by('subgroup')]
  const sizes = new Map<string, number>()
  for (const { subgroup, pictures } of known.name) sizes.set(subgroup, (sizes.get(subgroup) ?? 0) + pictures.length)
  const commonest = new Set(
    [...sizes]
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .slice(0, POPULAR_KINDS)
      .map(([subgroup]) => subgroup),
  )
  const popular = {
    name: known.name.filter(({ subgroup }) => commonest.has(subgroup)),
    kind: known.kind.filter(({ subgroup }) => commonest.has(subgroup)),
  }
  const lists = (level: Level, { group, subgroup }: Term, strategy: Strategy): (readonly Term[])[] => {
    if (strategy === 'random') return [known[level]]
    if (strategy === 'popular') return [popular[level], known[level]]
    return [bySubgroup[level].get(subgroup) ?? [], byGroup[level].get(group) ?? [], known[level]]
  }
  const first = (from: (readonly Term[])[], random: Random, fits: (term: Term) => boolean): Term | null => {
    for (const list of from) {
      const found = draw(list, random, fits)
      if (found) return found
    }
    return null
  }
  return {
    wrong: (name, level, strategy, random, fits = () => true) =>
      first(lists(level, name, strategy), random, (term) => !maybe(name, term) && fits(term)),
    thing: (asked, strategy, random) => first(lists('name', asked, strategy), random, (name) => !maybe(name, asked)),
  }
}
