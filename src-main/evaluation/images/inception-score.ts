import { FeatureSetError } from '../frechet-distance.ts'

export interface InceptionScore {
  mean: number
  /** Population standard deviation over the parts (divisor: their number). */
  std: number
  parts: number[]
}

interface Part {
  count: number
  /** Σ over pictures and classes of p log p. */
  negativeEntropy: number
  /** Σ over pictures of p, by class. */
  sum: Float64Array
}

/** Parts that a set is cut into, as all publications do. */
export const SPLITS = 10

/**
 * Inception Score (Salimans et al. 2016) of class logits that come one after the other, in the memory of one distribution
 * a part: exp of the mean over a part of Σc p (log p − log q), q the mean of p over the part. Softmax in float64.
 */
export class InceptionScoreAccumulator {
  readonly #classes: number
  readonly #parts: Part[]

  constructor(classes: number, splits: number) {
    this.#classes = classes
    this.#parts = Array.from({ length: splits }, () => ({
      count: 0,
      negativeEntropy: 0,
      sum: new Float64Array(classes),
    }))
  }

  /** @param part from 0, as `partOf` tells @throws FeatureSetError for a logit that is not finite */
  add(logits: ArrayLike<number>, part: number): void {
    const own = this.#parts[part] as Part
    let largest = Number.NEGATIVE_INFINITY
    for (let at = 0; at < this.#classes; at++) {
      if (!Number.isFinite(logits[at])) throw new FeatureSetError(`logit ${at} of a picture is ${logits[at]}`)
      largest = Math.max(largest, logits[at] as number)
    }
    let total = 0
    for (let at = 0; at < this.#classes; at++) total += Math.exp((logits[at] as number) - largest)
    const logTotal = Math.log(total) + largest
    for (let at = 0; at < this.#classes; at++) {
      const log = (logits[at] as number) - logTotal
      const probability = Math.exp(log)
      own.sum[at] = (own.sum[at] as number) + probability
      own.negativeEntropy += probability * log
    }
    own.count++
  }

  /** @throws FeatureSetError if a part has got no picture */
  score(): InceptionScore {
    const parts = this.#parts.map(({ count, negativeEntropy, sum }) => {
      if (count === 0)
        throw new FeatureSetError(`fewer pictures than the ${this.#parts.length} parts of an Inception Score`)
      let marginal = 0
      for (const value of sum) if (value > 0) marginal += (value / count) * Math.log(value / count)
      return Math.exp(negativeEntropy / count - marginal)
    })
    const mean = parts.reduce((sum, value) => sum + value, 0) / parts.length
    const std = Math.sqrt(parts.reduce((sum, value) => sum + (value - mean) ** 2, 0) / parts.length)
    return { mean, std, parts }
  }
}

/** The part that a place of `count` falls in: part i holds places ⌊i · count / splits⌋ up to the next part's first. */
export const partOf = (place: number, count: number, splits: number): number => {
  let part = Math.floor((place * splits) / count)
  while (Math.floor(((part + 1) * count) / splits) <= place) part++
  return part
}

/**
 * The score of all logits at once.
 * @param logits [count, classes], flat
 * @param order rows in the order in which they are cut into parts; as they are unless given
 */
export function inceptionScore(
  logits: Float32Array | Float64Array,
  classes: number,
  splits: number = SPLITS,
  order?: ArrayLike<number>,
): InceptionScore {
  const count = logits.length / classes
  const score = new InceptionScoreAccumulator(classes, splits)
  for (let place = 0; place < count; place++) {
    const row = order ? (order[place] as number) : place
    score.add(logits.subarray(row * classes, (row + 1) * classes), partOf(place, count, splits))
  }
  return score.score()
}
