import type { PriorConfig } from '../../../src-shared/prior.ts'
import type { PictureInfo, PictureSet } from '../../data/picture-set.ts'

/** The classes of a prior: the different groups or subgroups of the training pictures, by name. */
export interface PictureClasses {
  /** In the order of their numbers. */
  names: string[]
  /** Number of a picture's class; `names.length`, which means none, where training has no such picture. */
  of(picture: number): number
}

export function pictureClasses(
  classes: PriorConfig['classes'],
  { pictures, training }: Pick<PictureSet, 'pictures' | 'training'>,
): PictureClasses {
  if (classes === 'none') return { names: [], of: () => 0 }
  const name = (picture: number): string => (pictures[picture] as PictureInfo)[classes]
  const names = [...new Set(training.map(name))].sort()
  const numbers = new Map(names.map((one, at) => [one, at]))
  return { names, of: (picture) => numbers.get(name(picture)) ?? names.length }
}
