/** Counts over equal bins; bin i holds edges[i] ≤ v < edges[i + 1], the last bin also its upper edge. */
export interface Histogram {
  edges: number[]
  counts: number[]
  /** Finite values that lie outside the edges. */
  outside: number
}

/**
 * @param values any numbers; those that are not finite are left out
 * @param keep which values count, by index; all if left out
 */
export function histogram(
  values: ArrayLike<number>,
  bins: number,
  domain: readonly [number, number],
  keep: (index: number) => boolean = () => true,
): Histogram {
  const [low, high] = domain
  const width = (high - low) / bins
  const counts = new Array<number>(bins).fill(0)
  let outside = 0
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number
    if (!Number.isFinite(value) || !keep(index)) continue
    if (value < low || value > high) {
      outside++
      continue
    }
    const bin = Math.min(bins - 1, Math.floor((value - low) / width))
    counts[bin] = (counts[bin] as number) + 1
  }
  return { edges: Array.from({ length: bins + 1 }, (_, i) => low + i * width), counts, outside }
}

/** Code ids in the order in which a usage histogram shows them. */
export function usageOrder(counts: ArrayLike<number>, order: 'count' | 'id'): Int32Array {
  const ids = Int32Array.from({ length: counts.length }, (_, id) => id)
  return order === 'id' ? ids : ids.sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b)
}

/**
 * Which codes a pixel column shows when many codes share it.
 * @returns first (inclusive) and last (exclusive) rank of the column
 */
export function ranksOfColumn(column: number, columns: number, codes: number): [number, number] {
  const from = Math.floor((column * codes) / columns)
  return [from, Math.max(from + 1, Math.floor(((column + 1) * codes) / columns))]
}

/** What a usage histogram says in numbers. */
export interface UsageSummary {
  codes: number
  used: number
  dead: number
  hits: number
  /** exp of the entropy of the code frequencies; 0 without hits. */
  perplexity: number
  /** Codes that together hold half of the hits. */
  half: number
}

/** @param counts [K] hits of each code */
export function usageSummary(counts: ArrayLike<number>): UsageSummary {
  const sorted = Array.from(counts).sort((a, b) => b - a)
  const hits = sorted.reduce((sum, n) => sum + n, 0)
  const used = sorted.filter((n) => n > 0).length
  let entropy = 0
  let reached = 0
  let half = 0
  for (const n of sorted) {
    if (n === 0) break
    entropy -= (n / hits) * Math.log(n / hits)
    if (reached < hits / 2) half++
    reached += n
  }
  return {
    codes: sorted.length,
    used,
    dead: sorted.length - used,
    hits,
    perplexity: hits === 0 ? 0 : Math.exp(entropy),
    half,
  }
}
