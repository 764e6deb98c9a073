import type { Random } from '../../data/random.ts'
import { draw } from './draw.ts'
import type { Subjects } from './subjects.ts'
import { type Level, levels, mayBeBoth, type Term } from './term.ts'

/** How POPE chooses what is not in a picture. */
export const strategies = ['random', 'popular', 'adversarial'] as const
export type Strategy = (typeof strategies)[number]

/** Kinds that are popular: those with the most training pictures. */
const POPULAR_KINDS = 8

/**
 * Other terms than a given one, for questions whose answer is no and for wrong options: never one that may be true as well,
 * and always one that training pictures have.
 */
export interface Others {
  /**
   * random: any. popular: one of the commonest kinds, or of their names. adversarial: of the same kind, for a kind of the
   * same group; where there is no such other, of the same group, and of any if need be.
   * @param fits what else is asked of it
   * @returns null if there is none
   */
  draw(term: Term, strategy: Strategy, random: Random, fits?: (other: Term) => boolean): Term | null
}

export function othersOf({ known }: Subjects): Others {
  const by = (key: 'group' | 'subgroup') =>
    Object.fromEntries(
      levels.map((level) => [level, Map.groupBy(known[level], (term) => term[key])] as const),
    ) as Record<Level, Map<string, Term[]>>
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
  const lists = ({ level, group, subgroup }: Term, strategy: Strategy): (readonly Term[])[] => {
    if (strategy === 'random') return [known[level]]
    if (strategy === 'popular') return [popular[level], known[level]]
    return [bySubgroup[level].get(subgroup) ?? [], byGroup[level].get(group) ?? [], known[level]]
  }
  return {
    draw(term, strategy, random, fits = () => true) {
      for (const list of lists(term, strategy)) {
        const found = draw(list, random, (other) => !mayBeBoth(term, other) && fits(other))
        if (found) return found
      }
      return null
    },
  }
}
