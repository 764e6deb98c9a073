import { createRandom, shuffle } from './random.ts'

/** A permutation of the list that depends on (seed, epoch) alone. */
const shuffled = (indices: readonly number[], seed: number, epoch: number): number[] =>
  shuffle([...indices], createRandom(seed, 'epoch', epoch))

/** The permutations last asked for; a batch needs at most two of each part of a mixture. */
const recent: { indices: readonly number[]; seed: number; epoch: number; order: number[] }[] = []

function epochOrder(indices: readonly number[], seed: number, epoch: number): number[] {
  const known = recent.find((entry) => entry.indices === indices && entry.seed === seed && entry.epoch === epoch)
  if (known) return known.order
  const order = shuffled(indices, seed, epoch)
  recent.unshift({ indices, seed, epoch, order })
  recent.length = Math.min(recent.length, 32)
  return order
}

/**
 * The batch of a step (from 0): epoch by epoch without replacement, each epoch in an order of its own; a batch may
 * straddle two epochs. A pure function of its arguments, so a resumed run needs no position.
 */
export function batchIndices(indices: readonly number[], batchSize: number, seed: number, step: number): number[] {
  if (indices.length === 0) throw new Error('there is nothing to draw a batch from')
  return Array.from({ length: batchSize }, (_, row) => {
    const position = step * batchSize + row
    const epoch = Math.floor(position / indices.length)
    return epochOrder(indices, seed, epoch)[position - epoch * indices.length] as number
  })
}
