import type { CodebookConfig } from '../../src-shared/config.ts'
import type { Random } from '../data/random.ts'

/** Which rows of a language model's table become codes. */
export interface RowChoice {
  /** Token ids, ascending. */
  ids: Int32Array
  /** A sentence for the log. */
  sentence: string
}

/** What the choice is made from. */
export interface RowFacts {
  /** [V] norm of each row */
  norms: Float64Array
  /** [V] occurrences of each token in the training texts; null where they do not decide */
  frequencies: Int32Array | null
  random: Random
}

/**
 * K rows of the vocabulary's V, which keep their token ids. The release takes those of smallest norm among the rows of
 * norm 1 and more (FIELD 2); here the threshold is relative to the table's own median norm.
 * @throws Error naming the setting if there are not enough rows
 */
export function chooseRows(
  { rows, size, normFloor }: Pick<CodebookConfig, 'rows' | 'size' | 'normFloor'>,
  { norms, frequencies, random }: RowFacts,
): RowChoice {
  const vocabulary = norms.length
  if (rows !== 'all' && size > vocabulary)
    throw new Error(
      `codebook.size: ${size} rows are more than the vocabulary's ${vocabulary}; set at most ${vocabulary}, or codebook.rows "all"`,
    )
  const all = Int32Array.from({ length: vocabulary }, (_, id) => id)
  const first = (order: Int32Array): Int32Array => order.slice(0, size).sort()
  switch (rows) {
    case 'all':
      return { ids: all, sentence: `all ${vocabulary} rows are codes` }
    case 'smallest-norm': {
      const floor = normFloor * median(norms)
      const allowed = all.filter((id) => (norms[id] as number) >= floor)
      if (allowed.length < size)
        throw new Error(
          `codebook.normFloor: only ${allowed.length} of ${vocabulary} rows have a norm of ${floor.toPrecision(3)} (${normFloor} of the median) or more, and codebook.size wants ${size}; lower either`,
        )
      const ids = first(allowed.sort((a, b) => (norms[a] as number) - (norms[b] as number) || a - b))
      const largest = ids.reduce((most, id) => Math.max(most, norms[id] as number), 0)
      return {
        ids,
        sentence: `the ${size} rows of smallest norm from ${floor.toPrecision(3)} on are codes, up to norm ${largest.toPrecision(3)}; ${vocabulary - allowed.length} shorter rows were passed over`,
      }
    }
    case 'frequent': {
      if (!frequencies) throw new Error('the most frequent rows cannot be chosen without the frequencies of the tokens')
      const counts = frequencies
      const ids = first(all.sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b))
      const unseen = ids.filter((id) => counts[id] === 0).length
      return {
        ids,
        sentence: `the ${size} tokens that the training texts use most are codes${unseen > 0 ? `; ${unseen} of them occur in no text and are the lowest ids of those` : ''}`,
      }
    }
    case 'random': {
      for (let at = 0; at < size; at++) {
        const other = at + random.int(vocabulary - at)
        ;[all[at], all[other]] = [all[other] as number, all[at] as number]
      }
      return { ids: first(all), sentence: `${size} of ${vocabulary} rows, drawn by the seed, are codes` }
    }
  }
}

function median(values: Float64Array): number {
  const sorted = values.toSorted()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
