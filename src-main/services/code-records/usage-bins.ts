import type { CodeOrder, UsageReduction } from '../../../src-shared/contract/code-records.ts'

/** Codes in the order in which a heat map shows them, from the top down. */
export interface OrderedCodes {
  /** I32 [N] */
  codes: Int32Array
  rows: number
}

/** First and end place, in the order, of the codes that share row `row` of `rows`. */
export const placesOfRow = (row: number, rows: number, count: number): [from: number, to: number] => [
  Math.floor((row * count) / rows),
  Math.floor(((row + 1) * count) / rows),
]

/**
 * Sorts codes by a value of each; codes of one value stay by id, and those without one (NaN) come last.
 * @param codes ids to be sorted
 * @param value of the code with that id
 */
export function orderCodes(
  codes: Int32Array,
  order: CodeOrder,
  value: (code: number) => number,
): Int32Array<ArrayBuffer> {
  const sorted = Int32Array.from(codes)
  if (order === 'id') return sorted.sort()
  // First use rises, everything else falls: what matters is on top.
  const sign = order === 'birth' ? 1 : -1
  const keys = new Map<number, number>()
  for (const code of sorted) {
    const key = value(code)
    keys.set(code, Number.isNaN(key) ? Number.POSITIVE_INFINITY : sign * key)
  }
  return sorted.sort((a, b) => {
    const [x, y] = [keys.get(a) as number, keys.get(b) as number]
    return x === y ? a - b : x - y
  })
}

/** One column of the heat map: per row the reduced hits, and the code that has most of them. */
export interface UsageColumn {
  value: Int32Array
  top: Int32Array
}

/**
 * Brings the hits of all codes at one step to the rows of the heat map.
 * @param hits [K]
 * @param into a column that already holds another step of the same pixel column; the two are reduced alike
 */
export function binColumn(
  hits: Int32Array,
  { codes, rows }: OrderedCodes,
  reduce: UsageReduction,
  into: UsageColumn = { value: new Int32Array(rows), top: new Int32Array(rows).fill(-1) },
): UsageColumn {
  for (let row = 0; row < rows; row++) {
    const [from, to] = placesOfRow(row, rows, codes.length)
    let sum = 0
    let most = -1
    let top = -1
    for (let place = from; place < to; place++) {
      const code = codes[place] as number
      const count = hits[code] ?? 0
      sum += count
      if (count > most) {
        most = count
        top = code
      }
    }
    const value = reduce === 'sum' ? sum : Math.max(0, most)
    const before = into.value[row] as number
    // Over several steps of one column the code named is the one of the step with most hits.
    if (into.top[row] === -1 || value > before) into.top[row] = top
    into.value[row] = reduce === 'sum' ? before + value : Math.max(before, value)
  }
  return into
}
