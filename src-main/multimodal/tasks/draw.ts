import { permutation } from '../../data/permutation.ts'
import type { Random } from '../../data/random.ts'

/** The first of a list that fits, in an order by chance; null if none does. */
export function draw<T>(list: readonly T[], random: Random, fits: (candidate: T) => boolean): T | null {
  const order = permutation(list.length, random.int(2 ** 32), 'draw')
  for (let place = 0; place < list.length; place++) {
    const candidate = list[order(place)] as T
    if (fits(candidate)) return candidate
  }
  return null
}

/** One of a list that is not empty. */
export const oneOf = <T>(list: readonly T[], random: Random): T => list[random.int(list.length)] as T

/**
 * Each of `items` with each of `variants` once. The items come in an order by chance, the variants in turn, so that any
 * stretch of rows has all variants alike, and many items.
 */
export function crossed(
  items: number,
  variants: number,
  seed: number,
  ...stream: (number | string)[]
): { count: number; at(row: number): { item: number; variant: number } } {
  const order = permutation(items, seed, 'crossed', ...stream)
  return {
    count: items * variants,
    at: (row) => {
      const place = row % items
      return { item: order(place), variant: (place + Math.floor(row / items)) % variants }
    },
  }
}
