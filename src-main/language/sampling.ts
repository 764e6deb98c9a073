import { createRandom, type Random } from '../data/random.ts'
import { heaviestRun, kthLargest } from './falling-order.ts'

/**
 * Choosing the next token from logits, outside of the graph: allowed tokens → logits / temperature → top-k → softmax →
 * top-p → draw. Sums are taken in float64.
 */
export interface SamplingSettings {
  /** Divides the logits; 0 takes the largest logit, the lowest id on a tie. */
  temperature: number
  /** Keeps the logits that are not below the k-th largest, so a tie there keeps all its entries; null keeps all. */
  topK: number | null
  /** Keeps the shortest run in falling probability that reaches this sum, lower ids first on a tie; null keeps all. */
  topP: number | null
}

export const GREEDY: SamplingSettings = { temperature: 0, topK: null, topP: null }

/** What may be drawn: token ids, rising, and their probabilities, which add up to 1. */
export interface TokenDistribution {
  ids: Int32Array
  probabilities: Float64Array
}

/** Logits out of which no token can be drawn. */
export class LogitsError extends Error {
  override name = 'LogitsError'
}

/** @throws RangeError naming the setting, its value and what it may be */
export function checkSampling({ temperature, topK, topP }: SamplingSettings): void {
  if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY))
    throw new RangeError(`temperature ${temperature}: give a number from 0 (always the likeliest token) upwards`)
  if (topK !== null && !(Number.isInteger(topK) && topK >= 1))
    throw new RangeError(`top-k ${topK}: give a whole number from 1 upwards, or null to keep all tokens`)
  if (topP !== null && !(topP > 0 && topP <= 1))
    throw new RangeError(`top-p ${topP}: give a share above 0 and up to 1, or null to keep all tokens`)
}

/**
 * A set of tokens that a step may choose from, such as the codes of one level.
 * @returns the ids, each once, rising
 * @throws RangeError for an empty set and for an id outside of 0 … vocabulary − 1
 */
export function allowedTokens(ids: Iterable<number>, vocabulary: number): Int32Array {
  const allowed = Int32Array.from(new Set(ids)).sort()
  if (allowed.length === 0) throw new RangeError('no token is allowed; allow at least one')
  for (const id of [allowed[0], allowed.at(-1)] as [number, number])
    if (id < 0 || id >= vocabulary)
      throw new RangeError(`allowed token ${id} is not of this vocabulary; ids run from 0 to ${vocabulary - 1}`)
  return allowed
}

/**
 * Classifier-free guidance (Ho & Salimans 2022) on logits: u + scale · (c − u). A token that either side excludes (−∞)
 * stays excluded.
 * @param conditional, unconditional of the same length
 */
export function guide(conditional: Float32Array, unconditional: Float32Array, scale: number): Float32Array {
  if (conditional.length !== unconditional.length)
    throw new RangeError(
      `guidance of ${conditional.length} conditional logits by ${unconditional.length} unconditional ones: give rows alike`,
    )
  const guided = new Float32Array(conditional.length)
  for (let at = 0; at < guided.length; at++) {
    const [c, u] = [conditional[at] as number, unconditional[at] as number]
    guided[at] =
      c === Number.NEGATIVE_INFINITY || u === Number.NEGATIVE_INFINITY ? Number.NEGATIVE_INFINITY : u + scale * (c - u)
  }
  return guided
}

/**
 * What one row of logits leaves to be drawn.
 * @param logits [V]; −∞ excludes a token
 * @param allowed of `allowedTokens`; null allows all
 * @throws LogitsError for NaN, +∞, or a row that excludes every allowed token; RangeError for wrong settings
 */
export function tokenDistribution(
  logits: Float32Array,
  settings: SamplingSettings,
  allowed: Int32Array | null = null,
): TokenDistribution {
  checkSampling(settings)
  const { temperature, topK, topP } = settings
  checkLogits(logits)
  const candidates = allowed ? gather(logits, allowed) : logits
  const largest = largestOf(candidates)
  if (largest === Number.NEGATIVE_INFINITY)
    throw new LogitsError(
      `every logit of the ${candidates.length} allowed tokens is −∞; allow a token that the row does not exclude`,
    )
  if (temperature === 0) return named([candidates.indexOf(largest)], Float64Array.of(1), 1, allowed)
  const least = topK !== null && topK < candidates.length ? kthLargest(candidates, topK) : Number.NEGATIVE_INFINITY
  const places = notBelow(candidates, least)
  const weights = new Float64Array(places.length)
  let total = 0
  for (let at = 0; at < places.length; at++) {
    const weight = Math.exp(((candidates[places[at] as number] as number) - largest) / temperature)
    weights[at] = weight
    total += weight
  }
  return topP !== null && topP < 1
    ? likeliest(places, weights, topP * total, allowed)
    : named(places, weights, total, allowed)
}

/** NaN and +∞ are looked for in all places: a row that has them comes from a broken model, whatever is allowed. */
function checkLogits(logits: Float32Array): void {
  for (let at = 0; at < logits.length; at++) {
    const logit = logits[at] as number
    if (logit < Number.POSITIVE_INFINITY) continue
    throw new LogitsError(
      `the logit of token ${at} is ${logit}: the numbers of the model have broken down; go back to an earlier checkpoint, or lower its learning rate`,
    )
  }
}

function largestOf(logits: Float32Array): number {
  let largest = Number.NEGATIVE_INFINITY
  for (let at = 0; at < logits.length; at++) if ((logits[at] as number) > largest) largest = logits[at] as number
  return largest
}

function gather(logits: Float32Array, ids: Int32Array): Float32Array {
  const gathered = new Float32Array(ids.length)
  for (let at = 0; at < ids.length; at++) {
    const logit = logits[ids[at] as number]
    if (logit === undefined)
      throw new RangeError(`token ${ids[at]} is allowed, but the row has ${logits.length} logits`)
    gathered[at] = logit
  }
  return gathered
}

/** Places of the logits that are not below `least`, nor −∞. */
function notBelow(logits: Float32Array, least: number): Int32Array {
  const lowest = Math.max(least, -Number.MAX_VALUE)
  let count = 0
  for (let at = 0; at < logits.length; at++) if ((logits[at] as number) >= lowest) count++
  const places = new Int32Array(count)
  count = 0
  for (let at = 0; at < logits.length; at++) if ((logits[at] as number) >= lowest) places[count++] = at
  return places
}

/** Top-p: the heaviest weights, whose sum reaches the target. */
function likeliest(
  places: Int32Array,
  weights: Float64Array,
  target: number,
  allowed: Int32Array | null,
): TokenDistribution {
  const { key, ties } = heaviestRun(weights, target)
  let [count, sum, left] = [0, 0, ties]
  for (let at = 0; at < places.length; at++) {
    const weight = weights[at] as number
    if (weight < key || (weight === key && left-- <= 0)) continue
    places[count] = places[at] as number
    weights[count++] = weight
    sum += weight
  }
  return named(places.subarray(0, count), weights.subarray(0, count), sum, allowed)
}

function named(
  places: ArrayLike<number>,
  weights: Float64Array,
  total: number,
  allowed: Int32Array | null,
): TokenDistribution {
  const ids = new Int32Array(places.length)
  const probabilities = new Float64Array(places.length)
  for (let at = 0; at < ids.length; at++) {
    const place = places[at] as number
    ids[at] = allowed ? (allowed[place] as number) : place
    probabilities[at] = (weights[at] as number) / total
  }
  return { ids, probabilities }
}

/**
 * The numbers that choose token `step` of a sequence. They depend on the seed and these names alone, so a sequence comes
 * out the same beside any others in its batch, and when it is continued later.
 */
export const tokenRandom = (seed: number, sequence: number | string, step: number): Random =>
  createRandom(seed, 'token', sequence, step)

/** @returns the likeliest tokens, falling, lower ids first on a tie */
export function likeliestTokens(
  { ids, probabilities }: TokenDistribution,
  count: number,
): { id: number; probability: number }[] {
  const best: number[] = []
  for (let at = 0; at < ids.length && count > 0; at++) {
    const probability = probabilities[at] as number
    if (best.length === count && probability <= (probabilities[best.at(-1) as number] as number)) continue
    let place = best.length
    while (place > 0 && probability > (probabilities[best[place - 1] as number] as number)) place--
    best.splice(place, 0, at)
    if (best.length > count) best.pop()
  }
  return best.map((at) => ({ id: ids[at] as number, probability: probabilities[at] as number }))
}

/** One token of the distribution, by inverting its cumulative sum. */
export function drawToken({ ids, probabilities }: TokenDistribution, random: Random): number {
  // Two numbers of 24 bits: one alone would never choose tokens of a probability below 6e-8.
  const chosen = random.uniform() + random.uniform() / 2 ** 24
  let sum = 0
  for (let at = 0; at < ids.length - 1; at++) {
    sum += probabilities[at] as number
    if (chosen < sum) return ids[at] as number
  }
  return ids[ids.length - 1] as number
}

/**
 * One token for each row of a batch.
 * @param logits [rows, V]
 * @param randoms of `tokenRandom`, one per row; their number is the number of rows
 * @param allowed what each row may choose from, or one set for all; null allows all
 * @returns token ids [rows]
 * @throws LogitsError naming the row; RangeError for wrong settings and for lengths that do not fit
 */
export function sampleTokens(
  logits: Float32Array,
  settings: SamplingSettings,
  randoms: readonly Random[],
  allowed: Int32Array | null | readonly (Int32Array | null)[] = null,
): Int32Array {
  const rows = randoms.length
  const vocabulary = logits.length / rows
  if (!Number.isInteger(vocabulary))
    throw new RangeError(`${logits.length} logits are not ${rows} rows of one length; give one random stream per row`)
  if (Array.isArray(allowed) && allowed.length !== rows)
    throw new RangeError(`${allowed.length} sets of allowed tokens for ${rows} rows; give one per row`)
  return Int32Array.from(randoms, (random, row) => {
    const set = Array.isArray(allowed) ? allowed[row] : (allowed as Int32Array | null)
    try {
      const distribution = tokenDistribution(
        logits.subarray(row * vocabulary, (row + 1) * vocabulary),
        settings,
        set ?? null,
      )
      return drawToken(distribution, random)
    } catch (cause) {
      if (cause instanceof LogitsError) throw new LogitsError(`row ${row}: ${cause.message}`, { cause })
      throw cause
    }
  })
}
