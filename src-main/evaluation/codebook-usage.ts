/**
 * Codebook usage and perplexity of streams of code indices. "Codebook usage" means at least six things in papers and
 * training logs; each definition is its own function here and is never mixed with another. Arithmetic is float64 unless
 * the published code computes in float32 (batch perplexity, UniTok's shares, VAR's hits), where every operation is
 * rounded to float32 as there.
 */

const f32 = Math.fround

export class CodeStreamError extends Error {
  override name = 'CodeStreamError'
}

/**
 * How often each code occurs.
 * @param indices code indices in any order, 0 ≤ index < codes
 * @param codes K, the size of the codebook
 * @returns [K] counts
 * @throws CodeStreamError if the stream is empty, or an index is not one of the K codes
 */
export function codeHits(indices: ArrayLike<number>, codes: number): Int32Array {
  if (!Number.isInteger(codes) || codes < 1)
    throw new CodeStreamError(`a codebook of ${codes} codes; it needs at least 1`)
  if (indices.length === 0) throw new CodeStreamError('no code indices: usage of an empty stream is not defined')
  const hits = new Int32Array(codes)
  for (let i = 0; i < indices.length; i++) {
    const code = indices[i] as number
    if (!Number.isInteger(code) || code < 0 || code >= codes)
      throw new CodeStreamError(
        `index ${code} at place ${i} is not a code of a codebook of ${codes} (0 to ${codes - 1})`,
      )
    hits[code] = (hits[code] as number) + 1
  }
  return hits
}

/** Different codes hit at least once. */
export const usedCodes = (hits: ArrayLike<number>): number => count(hits, (hit) => hit > 0)

/** Codes never hit: K × (1 − any-hit usage). */
export const deadCodes = (hits: ArrayLike<number>): number => hits.length - usedCodes(hits)

/** Any-hit usage: share of the K codes that occur anywhere in the set (HQ-VAE, SEED-Voken), 0 to 1. */
export const anyHitUsage = (hits: ArrayLike<number>): number => usedCodes(hits) / hits.length

/**
 * Entropy of the code frequencies in nats, 0·log 0 = 0 (RQ-VAE's per-depth entropy when given the hits of one depth).
 * @throws CodeStreamError if nothing was hit
 */
export function codeEntropy(hits: ArrayLike<number>): number {
  const total = sum(hits)
  if (total <= 0) throw new CodeStreamError('no code was hit: the entropy of no frequencies is not defined')
  let entropy = 0
  for (let code = 0; code < hits.length; code++) {
    const p = (hits[code] as number) / total
    if (p > 0) entropy -= p * Math.log(p)
  }
  return entropy
}

/**
 * Set perplexity: exp of the entropy of the frequencies over a whole set, 1 to K. Not the mean of the perplexities of its
 * batches, which is smaller whenever batches differ.
 */
export const setPerplexity = (hits: ArrayLike<number>): number => Math.exp(codeEntropy(hits))

/**
 * Batch perplexity of taming-transformers' VectorQuantizer: exp(−Σ p·log(p + 1e-10)) of the frequencies of one batch, in
 * float32. The sum alone is float64: torch adds in pairs, which a float32 sum from left to right would miss by far more
 * than a float64 sum does.
 */
export function batchPerplexity(hits: ArrayLike<number>): number {
  const total = sum(hits)
  if (total <= 0) throw new CodeStreamError('no code was hit: the perplexity of an empty batch is not defined')
  const epsilon = f32(1e-10)
  let exponent = 0
  for (let code = 0; code < hits.length; code++) {
    const p = f32((hits[code] as number) / total)
    exponent -= f32(p * f32(Math.log(f32(p + epsilon))))
  }
  return f32(Math.exp(f32(exponent)))
}

/**
 * Entropy, perplexity and any-hit usage of every depth of a shared codebook (RQ-VAE logs the entropy per depth). Of all
 * depths pooled: the functions above on `codeHits` of the whole array.
 * @param indices [rows, depths] row-major
 */
export function usagePerDepth(
  indices: ArrayLike<number>,
  depths: number,
  codes: number,
): { entropy: number; perplexity: number; anyHit: number }[] {
  if (!Number.isInteger(depths) || depths < 1 || indices.length % depths !== 0)
    throw new CodeStreamError(`${indices.length} indices are not rows of ${depths} depths`)
  const rows = indices.length / depths
  return Array.from({ length: depths }, (_, depth) => {
    const ofDepth = Int32Array.from({ length: rows }, (_, row) => indices[row * depths + depth] as number)
    const hits = codeHits(ofDepth, codes)
    return { entropy: codeEntropy(hits), perplexity: setPerplexity(hits), anyHit: anyHitUsage(hits) }
  })
}

/**
 * Queue usage of LlamaGen's VectorQuantizer: distinct codes among the last 65,536 indices / K, after each batch. The
 * queue starts full of zeros, so code 0 counts as used until that many tokens have passed.
 */
export class QueueUsage {
  readonly #codes: number
  readonly #queue: Int32Array
  readonly #inQueue: Int32Array
  #next = 0
  #distinct = 1

  /** @param length tokens that the queue holds */
  constructor(codes: number, length = 65_536) {
    this.#codes = codes
    this.#queue = new Int32Array(length)
    this.#inQueue = new Int32Array(codes)
    this.#inQueue[0] = length
  }

  /**
   * Usage after one more batch, 0 to 1.
   * @throws CodeStreamError if the batch is empty, longer than the queue, or holds an index that is no code
   */
  add(batch: ArrayLike<number>): number {
    codeHits(batch, this.#codes)
    if (batch.length > this.#queue.length)
      throw new CodeStreamError(
        `a batch of ${batch.length} indices is longer than the usage queue of ${this.#queue.length}; use smaller batches or any-hit usage`,
      )
    for (let i = 0; i < batch.length; i++) {
      this.#count(this.#queue[this.#next] as number, -1)
      this.#queue[this.#next] = batch[i] as number
      this.#count(batch[i] as number, 1)
      this.#next = (this.#next + 1) % this.#queue.length
    }
    return this.#distinct / this.#codes
  }

  /** What `restore` continues from: the queue, oldest first, int32. */
  recent(): Int32Array {
    const { length } = this.#queue
    return Int32Array.from({ length }, (_, at) => this.#queue[(this.#next + at) % length] as number)
  }

  /** Goes on from what another queue of the same length held. @throws CodeStreamError if it does not fit */
  restore(recent: Int32Array): void {
    if (recent.length !== this.#queue.length)
      throw new CodeStreamError(`a queue of ${recent.length} indices; this one holds ${this.#queue.length}`)
    this.#inQueue.set(codeHits(recent, this.#codes))
    this.#queue.set(recent)
    this.#next = 0
    this.#distinct = usedCodes(this.#inQueue)
  }

  #count(code: number, change: 1 | -1): void {
    const before = this.#inQueue[code] as number
    this.#inQueue[code] = before + change
    if (before === 0) this.#distinct++
    else if (before + change === 0) this.#distinct--
  }
}

/** Decay of the running averages of UniTok and VAR: the first update is copied, then 0.9, from the 101st on 0.99. */
function runningAverage(average: Float32Array, update: ArrayLike<number>, updatesBefore: number): void {
  const keep = f32(updatesBefore < 100 ? 0.9 : 0.99)
  const take = f32(updatesBefore < 100 ? 0.1 : 0.01)
  for (let code = 0; code < average.length; code++) {
    const value = update[code] as number
    average[code] = updatesBefore === 0 ? value : f32(f32((average[code] as number) * keep) + f32(value * take))
  }
}

/**
 * Share usage of UniTok's VectorQuantizer: 100 × share of the codes whose frequency in the batch is above 0.01 / K. With
 * fewer than 100·K tokens in a batch one hit is enough.
 */
export class ShareUsage {
  readonly #codes: number
  /** [K] running frequency: the first batch, then 0.9 old + 0.1 new, from the 101st batch 0.99 / 0.01. */
  readonly average: Float32Array
  /** Batches so far; with the average, all that a resumed run needs. */
  batches = 0

  constructor(codes: number) {
    this.#codes = codes
    this.average = new Float32Array(codes)
  }

  /** Percent of the codes in use in this batch, 0 to 100. @throws CodeStreamError as codeHits */
  add(batch: ArrayLike<number>): number {
    const hits = codeHits(batch, this.#codes)
    const frequency = new Float32Array(this.#codes)
    for (let code = 0; code < hits.length; code++) frequency[code] = (hits[code] as number) / batch.length
    runningAverage(this.average, frequency, this.batches++)
    const threshold = f32(0.01 / this.#codes)
    return (100 * count(frequency, (share) => share > threshold)) / this.#codes
  }
}

/**
 * EMA hits of VAR's VectorQuantizer2: 100 × share of the codes whose running hits in a scale reach 0.08 × the tokens that
 * the finest scale would give each code. As published, quirks included: the counter of updates counts scales, not steps, so
 * only the very first scale starts from its own hits and with S scales the decay changes after 100 / S steps; and the
 * margin of the finest scale holds for all scales, so coarse scales look underused.
 */
export class ScaleHitUsage {
  readonly #codes: number
  readonly #scaleSizes: readonly number[]
  /** Running hits a code must reach to count as used. */
  readonly margin: number
  /** [scales][K] running hits. */
  readonly averages: Float32Array[]
  /** Updates of scales so far; with the averages, all that a resumed run needs. */
  updates = 0

  /**
   * @param sides side of each scale's code map, coarse first
   * @param images pictures in a step
   */
  constructor(codes: number, sides: readonly number[], images: number) {
    const finest = sides.at(-1)
    if (finest === undefined) throw new CodeStreamError('no scales: the hits per scale need at least one side')
    this.#codes = codes
    this.#scaleSizes = sides.map((side) => images * side * side)
    this.margin = ((images * finest * finest) / codes) * 0.08
    this.averages = sides.map(() => new Float32Array(codes))
  }

  /**
   * @param step the indices of every scale one after the other, images × side² of each
   * @returns [scales] percent of the codes in use, 0 to 100
   * @throws CodeStreamError if the step does not hold the tokens of every scale
   */
  add(step: ArrayLike<number>): number[] {
    const total = sum(this.#scaleSizes)
    if (step.length !== total)
      throw new CodeStreamError(
        `a step of ${step.length} indices; the scales hold ${this.#scaleSizes.join(' + ')} = ${total}`,
      )
    const threshold = f32(this.margin)
    let from = 0
    return this.averages.map((average, scale) => {
      const to = from + (this.#scaleSizes[scale] as number)
      const hits = codeHits(Array.prototype.slice.call(step, from, to) as number[], this.#codes)
      from = to
      runningAverage(average, hits, this.updates++)
      return (100 * count(average, (hit) => hit >= threshold)) / this.#codes
    })
  }
}

function count(values: ArrayLike<number>, holds: (value: number) => boolean): number {
  let found = 0
  for (let i = 0; i < values.length; i++) if (holds(values[i] as number)) found++
  return found
}

function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i] as number
  return total
}
