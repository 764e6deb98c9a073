import { viridis } from '../colours.ts'

/** The least end of a scale of negative log-likelihoods, nats: below it differences are noise. */
const LEAST_END = 1

/** End of one scale for several maps: their largest finite value. */
export const endOfScale = (maps: readonly ArrayLike<number>[]): number => {
  let end = LEAST_END
  for (const map of maps)
    for (let cell = 0; cell < map.length; cell++)
      if (Number.isFinite(map[cell])) end = Math.max(end, map[cell] as number)
  return end
}

/** RGBA pixels of a map of negative log-likelihoods, one a cell: viridis from 0 to `end`, which infinite ones have as well. */
export function paintNll(map: ArrayLike<number>, end: number): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(map.length * 4)
  for (let cell = 0; cell < map.length; cell++) {
    const value = map[cell] as number
    out.set([...viridis(Number.isFinite(value) ? value / end : 1), 255], cell * 4)
  }
  return out
}

export const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0)
