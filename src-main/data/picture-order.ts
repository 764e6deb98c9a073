import { permutation } from './permutation.ts'
import { createRandom } from './random.ts'
import type { SourceListing } from './source.ts'

/**
 * The order in which training draws the pictures of a source, as a pure function of (seed, position): a resumed run asks
 * for the position that comes next and needs no state.
 */
export interface PictureOrder {
  /** Positions of one epoch. */
  epoch: number
  /** @param position counted from the first step on */
  at(position: number): Drawn
  /**
   * What is drawn where the picture at a position cannot be trained on: it is held out, or unreadable. Near it in the
   * source, where that is what makes it cheap to read.
   * @param attempt from 1
   */
  instead(position: number, attempt: number): Drawn
}

export interface Drawn {
  /** Number in the listing. */
  picture: number
  /** How often the part of the source that it is from has been gone through before. */
  epoch: number
}

/**
 * Blocks whose pictures are shuffled together. A block of a Parquet file is a page of about 1 MB; within so many the
 * order is random, and their order is random in the whole.
 */
export const WINDOW_BLOCKS = 64
/** Substitutes are taken near a picture so often, and anywhere after that. */
const NEAR = 32

/** @param chosen numbers in the listing, ascending: what `data.limit` leaves */
export function pictureOrder(
  listing: Pick<SourceListing, 'count' | 'blocks' | 'parts'>,
  chosen: Uint32Array,
  seed: number,
): PictureOrder {
  const whole = { from: 0, to: listing.count, weight: 1, ...(listing.blocks ? { blocks: listing.blocks } : {}) }
  const parts = (listing.parts ?? [whole]).flatMap((part, index) => {
    const [from, to] = [lowerBound(chosen, part.from), lowerBound(chosen, part.to)]
    if (from === to) return []
    const blocks = part.blocks ? blocksWithin(chosen, from, to, part.blocks, part.from) : null
    return [{ ...orderOfPart(chosen.subarray(from, to), blocks, seed, index), weight: part.weight }]
  })
  const draws = drawsByWeight(
    parts.map(({ weight }) => weight),
    seed,
  )
  const find = (position: number) => {
    const { part, nth } = draws(position)
    return { part: parts[part] as (typeof parts)[number], nth }
  }
  return {
    epoch: chosen.length,
    at(position) {
      const { part, nth } = find(position)
      return part.at(nth)
    },
    instead(position, attempt) {
      const { part, nth } = find(position)
      return part.instead(nth, attempt)
    },
  }
}

interface PartOrder {
  at(nth: number): Drawn
  instead(nth: number, attempt: number): Drawn
}

/** @param blocks first places of the blocks, and the number of pictures; null where any picture is read alone */
function orderOfPart(pictures: Uint32Array, blocks: Uint32Array | null, seed: number, part: number): PartOrder {
  const count = pictures.length
  const substitute = (nth: number, attempt: number) => createRandom(seed, 'instead', part, nth, attempt)
  if (blocks === null) {
    const orderOf = lastTwo((epoch) => permutation(count, seed, 'epoch', part, epoch))
    const drawn = (place: number, epoch: number): Drawn => ({ picture: pictures[place] as number, epoch })
    return {
      at: (nth) => drawn(orderOf(Math.floor(nth / count))(nth % count), Math.floor(nth / count)),
      instead: (nth, attempt) => drawn(substitute(nth, attempt).int(count), Math.floor(nth / count)),
    }
  }
  const windowsOf = lastTwo((epoch) => windowsInOrder(blocks, seed, part, epoch))
  const place = (nth: number, choose: (within: number, size: number, window: number) => number): Drawn => {
    const epoch = Math.floor(nth / count)
    const { starts, blocks: order } = windowsOf(epoch)
    const position = nth % count
    const window = lowerBound(starts, position + 1) - 1
    const size = (starts[window + 1] as number) - (starts[window] as number)
    let rest = choose(position - (starts[window] as number), size, window)
    for (let at = window * WINDOW_BLOCKS; ; at++) {
      const block = order(at)
      const own = (blocks[block + 1] as number) - (blocks[block] as number)
      if (rest < own) return { picture: pictures[(blocks[block] as number) + rest] as number, epoch }
      rest -= own
    }
  }
  return {
    at: (nth) =>
      place(nth, (within, size, window) =>
        permutation(size, seed, 'window', part, Math.floor(nth / count), window)(within),
      ),
    instead: (nth, attempt) =>
      attempt <= NEAR
        ? place(nth, (_, size) => substitute(nth, attempt).int(size))
        : { picture: pictures[substitute(nth, attempt).int(count)] as number, epoch: Math.floor(nth / count) },
  }
}

/** The blocks of an epoch in their order, and the first position of each window of them, and the end. */
function windowsInOrder(blocks: Uint32Array, seed: number, part: number, epoch: number) {
  const count = blocks.length - 1
  const order = permutation(count, seed, 'blocks', part, epoch)
  const starts = new Uint32Array(Math.ceil(count / WINDOW_BLOCKS) + 1)
  for (let at = 0; at < count; at++) {
    const block = order(at)
    const window = Math.floor(at / WINDOW_BLOCKS)
    starts[window + 1] =
      (at % WINDOW_BLOCKS === 0 ? (starts[window] as number) : (starts[window + 1] as number)) +
      (blocks[block + 1] as number) -
      (blocks[block] as number)
  }
  return { starts, blocks: order }
}

/** First places of the blocks among the chosen pictures `from` to `to`, and how many these are. Empty blocks go. */
function blocksWithin(chosen: Uint32Array, from: number, to: number, blocks: Uint32Array, offset: number): Uint32Array {
  const starts: number[] = []
  for (const block of blocks) {
    const place = lowerBound(chosen, block + offset)
    if (place >= from && place < to && starts.at(-1) !== place - from) starts.push(place - from)
  }
  return Uint32Array.from([...(starts[0] === 0 ? [] : [0]), ...starts, to - from])
}

/** First place at which an ascending list is at least `value`. */
function lowerBound(list: Uint32Array, value: number): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Remembers what the two last arguments gave: a batch may straddle two epochs. */
function lastTwo<T>(make: (epoch: number) => T): (epoch: number) => T {
  const kept = new Map<number, T>()
  return (epoch) => {
    const known = kept.get(epoch)
    if (known !== undefined) return known
    const made = make(epoch)
    kept.set(epoch, made)
    for (const oldest of [...kept.keys()].slice(0, -2)) kept.delete(oldest)
    return made
  }
}

/** Positions between two that are remembered. */
const REMEMBERED = 1 << 16

/**
 * Which part each position draws from, and how often that part was drawn before. Parts are drawn by chance in proportion
 * to their weights; the counts are summed up once on the way to a position and remembered here and there.
 */
export function drawsByWeight(
  weights: readonly number[],
  seed: number,
): (position: number) => { part: number; nth: number } {
  if (weights.length === 1) return (position) => ({ part: 0, nth: position })
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const pick = (chance: number): number => {
    let rest = chance * total
    for (let part = 0; part < weights.length - 1; part++) {
      rest -= weights[part] as number
      if (rest < 0) return part
    }
    return weights.length - 1
  }
  /** Draws of each part before the block, for each block that was passed; and the parts of the last block. */
  const before: number[][] = [weights.map(() => 0)]
  const partsOf = lastTwo((block) => {
    const random = createRandom(seed, 'mixture', block)
    return Uint8Array.from({ length: REMEMBERED }, () => pick(random.uniform()))
  })
  const nthOf = lastTwo((block) => {
    while (before.length <= block) {
      const counts = [...(before.at(-1) as number[])]
      for (const part of partsOf(before.length - 1)) counts[part] = (counts[part] as number) + 1
      before.push(counts)
    }
    const counts = [...(before[block] as number[])]
    return Float64Array.from(partsOf(block), (part) => {
      const nth = counts[part] as number
      counts[part] = nth + 1
      return nth
    })
  })
  return (position) => {
    const block = Math.floor(position / REMEMBERED)
    const within = position % REMEMBERED
    return { part: partsOf(block)[within] as number, nth: nthOf(block)[within] as number }
  }
}
