import { permutation } from '../../data/permutation.ts'
import type { Random } from '../../data/random.ts'
import type { Placement } from '../dialogue.ts'
import { oneOf } from './draw.ts'
import type { Level, Term } from './term.ts'

/** Scenes are of 2×2 pictures: at 64 px each still has 32. */
export const SCENE_SIDE = 2
/** Most things in a scene. */
export const MOST = SCENE_SIDE ** 2

/**
 * Scenes of a side that are counted. Training goes on beyond them and sees none twice: what is together in a scene would be
 * learned by heart.
 */
export const SCENES = { training: 4096, heldOut: 512 } as const

/** One composition in so many is held out. */
const ONE_IN = 10

/**
 * Which compositions of known things are held out. Every thing that a scene shows has training pictures, and is asked about
 * in other scenes; but no training scene that asks what and where things are has two things together that are held out as
 * a pair, and none that asks how often has a thing as many times as is held out for it. Things are numbered by chance; a
 * pair is held out if its numbers add up to a multiple of ten, a count if it does with the thing's number. So each thing is
 * in about as many held-out compositions as any other.
 */
export interface Compositions {
  isPairHeldOut(a: Term, b: Term): boolean
  isCountHeldOut(term: Term, count: number): boolean
}

/** @param things of each level that scenes are about */
export function compositionsOf(
  things: Readonly<Partial<Record<Level, readonly Term[]>>>,
  splitSeed: number,
): Compositions {
  const numbers = new Map<Term, number>()
  for (const [level, terms] of Object.entries(things)) {
    const number = permutation(terms.length, splitSeed, 'composition', level)
    for (const [index, term] of terms.entries()) numbers.set(term, number(index))
  }
  const of = (term: Term): number => numbers.get(term) as number
  // A handful of things is split as well.
  const modulus = ({ level }: Term) => Math.max(1, Math.min(ONE_IN, things[level]?.length ?? 0))
  return {
    isPairHeldOut: (a, b) => (of(a) + of(b)) % modulus(a) === 0,
    isCountHeldOut: (term, count) => (of(term) + count) % modulus(term) === 0,
  }
}

export interface Cell {
  row: number
  column: number
}

export const cells: readonly Cell[] = Array.from({ length: MOST }, (_, at) => ({
  row: Math.floor(at / SCENE_SIDE),
  column: at % SCENE_SIDE,
}))

/** What each cell is called. */
export const CORNERS = ['top left', 'top right', 'bottom left', 'bottom right'] as const

/** Cells in an order by chance. */
export function shuffled(list: readonly Cell[], random: Random): Cell[] {
  const order = permutation(list.length, random.int(2 ** 32), 'cells')
  return list.map((_, place) => list[order(place)] as Cell)
}

/** A thing of a scene, and where it is. */
export interface PlacedThing {
  thing: Term
  placement: Placement
  corner: (typeof CORNERS)[number]
}

/** Things of a scene in cells by chance, each as one of its training pictures. */
export function scattered(
  [first, ...others]: readonly [Term, ...Term[]],
  random: Random,
): [PlacedThing, ...PlacedThing[]] {
  const places = shuffled(cells, random)
  const at = (thing: Term, place: number): PlacedThing => {
    const cell = places[place] as Cell
    return {
      thing,
      placement: placed(thing, cell, random),
      corner: CORNERS[cell.row * SCENE_SIDE + cell.column] as PlacedThing['corner'],
    }
  }
  return [at(first, 0), ...others.map((thing, place) => at(thing, place + 1))]
}

/** One of the training pictures of a thing, at a cell. */
export const placed = ({ pictures }: Term, { row, column }: Cell, random: Random): Placement => ({
  picture: oneOf(pictures, random),
  row,
  column,
})
