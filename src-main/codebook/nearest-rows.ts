/**
 * Where a code stands among the rows of the language model's table: the place of its own row, and the rows nearest to it.
 * Both come out of the products of codes and rows, which the engine computes; d² = |c|² − 2 c·l + |l|².
 */
export interface Neighbours {
  /** Rows strictly nearer than the code's own; 0: its own row is the nearest. */
  rank: number
  /** The nearest rows, near ones first, the lower row first of equals; and their distances. */
  rows: Int32Array
  distances: Float32Array
}

/**
 * @param products [V] c·l of one code with every row
 * @param rowSquares [V] |l|² of every row
 * @param codeSquare |c|²
 * @param own the code's own row, or −1 for none: its rank is then −1
 * @param count how many nearest rows are wanted, at most V
 */
export function neighboursOf(
  products: Float32Array,
  rowSquares: Float64Array,
  codeSquare: number,
  own: number,
  count: number,
): Neighbours {
  const wanted = Math.min(count, rowSquares.length)
  const rows = new Int32Array(wanted).fill(-1)
  const scores = new Float64Array(wanted).fill(Number.POSITIVE_INFINITY)
  const score = (row: number): number => (rowSquares[row] as number) - 2 * (products[row] as number)
  const ownScore = own < 0 ? Number.NEGATIVE_INFINITY : score(own)
  let nearer = 0
  let worst = Number.POSITIVE_INFINITY
  for (let row = 0; row < rowSquares.length; row++) {
    const here = score(row)
    if (here < ownScore) nearer++
    if (here >= worst || wanted === 0) continue
    let place = wanted - 1
    while (place > 0 && (scores[place - 1] as number) > here) {
      scores[place] = scores[place - 1] as number
      rows[place] = rows[place - 1] as number
      place--
    }
    scores[place] = here
    rows[place] = row
    worst = scores[wanted - 1] as number
  }
  return {
    rank: own < 0 ? -1 : nearer,
    rows,
    distances: Float32Array.from(scores, (value) => Math.sqrt(Math.max(0, value + codeSquare))),
  }
}

/** [rows] squared norm of each row. @param table [rows, width] */
export function squaredNorms(table: Float32Array, width: number): Float64Array {
  const squares = new Float64Array(table.length / width)
  for (let row = 0; row < squares.length; row++) {
    let sum = 0
    for (let at = row * width; at < (row + 1) * width; at++) sum += (table[at] as number) ** 2
    squares[row] = sum
  }
  return squares
}

/** [ids, width] some rows of a table [rows, width]. */
export function rowsOf(table: Float32Array, width: number, ids: Int32Array): Float32Array {
  const rows = new Float32Array(ids.length * width)
  for (const [at, id] of ids.entries()) rows.set(table.subarray(id * width, (id + 1) * width), at * width)
  return rows
}
