/** What the distances of a code to its nearest LLM rows say, beside those of a shuffled codebook. */
export interface NearestComparison {
  /** Mean of the code's distances over that of the shuffled one's; 1: like chance. */
  ratio: number
  closer: boolean
  sentence: string
}

/** Nearer than this share of chance is called closer. A reading aid, not a test. */
const CLOSER = 0.95

/**
 * @param code id of its own token
 * @param tokens ids of the N nearest rows
 * @param distances [N] to them, ascending
 * @param shuffled [N] the same for the codebook with shuffled columns: what a vector with nothing to do with the
 * language model would have
 */
export function compareNearest(
  code: number,
  tokens: readonly number[],
  distances: readonly number[],
  shuffled: readonly number[],
): NearestComparison {
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length
  const ratio = mean(distances) / mean(shuffled)
  const own = tokens.indexOf(code)
  const place =
    own === 0
      ? 'Its own token is the nearest'
      : own > 0
        ? `Its own token is number ${own + 1} of the nearest`
        : `Its own token is not among the ${tokens.length} nearest`
  const times = `their mean distance is ${ratio.toFixed(2)} times that of a shuffled codebook`
  const closer = ratio < CLOSER
  const verdict = closer
    ? 'the code is closer to LLM tokens than chance'
    : ratio > 1 / CLOSER
      ? 'the code is farther from LLM tokens than chance'
      : 'the code is no closer to LLM tokens than chance'
  return { ratio, closer, sentence: `${place}; ${times}: ${verdict}.` }
}
