import { createRandom, mix } from './random.ts'

const ROUNDS = 4

/**
 * An order of 0 … n − 1 that depends on (seed, stream) alone and takes no memory: a Feistel network over the next power
 * of four, walked until it lands below n. So the order of a million pictures costs nothing to begin in the middle.
 * @returns the number at a place
 */
export function permutation(n: number, seed: number, ...stream: (number | string)[]): (place: number) => number {
  const random = createRandom(seed, 'permutation', ...stream)
  const keys = Array.from({ length: ROUNDS }, () => random.int(2 ** 32))
  const half = Math.max(1, Math.ceil(Math.log2(Math.max(2, n)) / 2))
  const mask = 2 ** half - 1
  const scramble = (value: number): number => {
    let left = Math.floor(value / 2 ** half)
    let right = value & mask
    for (const key of keys) [left, right] = [right, (left ^ mix(mix(right ^ key) + key)) & mask]
    return left * 2 ** half + right
  }
  return (place) => {
    let value = place
    do value = scramble(value)
    while (value >= n)
    return value
  }
}
