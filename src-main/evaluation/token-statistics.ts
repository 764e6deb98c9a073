/** What a stream of tokens looks like by the frequencies of its tokens alone. */
export interface TokenStatistics {
  /** N, tokens of the stream, and different ones among them */
  tokens: number
  types: number
  /** Bits a token, of the frequencies (Shannon 1948), 0 to log₂ types. */
  entropy: number
  /** Entropy / log₂ types, 0 to 1; 1 where all types are as frequent. Not defined for one type: null. */
  evenness: number | null
  /**
   * −s of the Zipf law p(rank) ∝ rank^−s that makes the ranked frequencies likeliest (Zipf 1949; by likelihood and not by
   * a line through logarithms, which the many rare types would bend: Clauset, Shalizi & Newman 2009). 0: all types as
   * frequent; words of a language lie about −1. Not defined for one type: null.
   */
  zipfSlope: number | null
}

/**
 * Entropy and slope both depend on N: compare streams of the same length alone.
 * @throws RangeError for an empty stream
 */
export function tokenStatistics(stream: ArrayLike<number>): TokenStatistics {
  const tokens = stream.length
  if (tokens === 0) throw new RangeError('no tokens: an empty stream has no frequencies')
  const counts = new Map<number, number>()
  for (let at = 0; at < tokens; at++) {
    const token = stream[at] as number
    counts.set(token, (counts.get(token) ?? 0) + 1)
  }
  const ranked = [...counts.values()].sort((a, b) => b - a)
  const entropy = ranked.reduce((sum, count) => sum - (count / tokens) * Math.log2(count / tokens), 0)
  const types = ranked.length
  return {
    ...{ tokens, types, entropy: Math.max(0, entropy) },
    evenness: types === 1 ? null : entropy / Math.log2(types),
    zipfSlope: types === 1 ? null : -zipfExponent(ranked, tokens),
  }
}

/** Largest exponent that is looked for: the first of two types is then e²⁰ times as frequent as the second. */
const STEEPEST = 30

/** Where the mean log rank under the law is that of the data: the likelihood's one maximum. @param ranked counts, falling */
function zipfExponent(ranked: readonly number[], tokens: number): number {
  const logs = ranked.map((_, at) => Math.log(at + 1))
  const seen = ranked.reduce((sum, count, at) => sum + (count / tokens) * (logs[at] as number), 0)
  const expected = (exponent: number): number => {
    let [weights, sum] = [0, 0]
    for (const log of logs) {
      const weight = Math.exp(-exponent * log)
      weights += weight
      sum += weight * log
    }
    return sum / weights
  }
  // Ranked frequencies never rise, so the exponent is at least 0; the mean log rank falls as it grows.
  let [low, high] = [0, STEEPEST]
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2
    if (expected(middle) > seen) low = middle
    else high = middle
  }
  return high < 1e-12 ? 0 : (low + high) / 2
}
