/** Where a run of entries in falling order ends: `key` is the last one's, and `ties` entries of that very key belong to it. */
export interface Boundary {
  key: number
  ties: number
}

/**
 * The shortest run of entries in falling order of their keys that reaches a target, either in entries or in the sum of
 * the keys themselves. A full sort would tell; this partitions as quickselect does, on the side where the target falls,
 * and takes time proportional to the number of entries.
 * @param keys [n], n > 0, without NaN; not negative if their sum counts. Left in another order
 * @param target above 0; one that is never reached gives the whole run
 */
export function fallingRun(keys: Float64Array, counted: 'entries' | 'sum', target: number): Boundary {
  let begin = 0
  let end = keys.length
  let before = 0
  for (;;) {
    const pivot = medianOfThree(keys, begin, end)
    // [begin, above) is above the pivot, [above, at) equal to it, [below, end) below.
    let above = begin
    let at = begin
    let below = end
    let sumAbove = 0
    while (at < below) {
      const key = keys[at] as number
      if (key > pivot) {
        sumAbove += key
        keys[at++] = keys[above] as number
        keys[above++] = key
      } else if (key < pivot) {
        keys[at] = keys[--below] as number
        keys[below] = key
      } else at++
    }
    const equal = below - above
    const upTo = before + (counted === 'entries' ? above - begin : sumAbove)
    const whole = upTo + (counted === 'entries' ? equal : equal * pivot)
    if (upTo >= target) end = above
    else if (whole >= target) {
      const ties = counted === 'entries' ? target - upTo : Math.ceil((target - upTo) / pivot)
      return { key: pivot, ties: Math.min(equal, ties) }
    } else if (below === end) return { key: pivot, ties: equal }
    else {
      before = whole
      begin = below
    }
  }
}

/** Guards against rows that are sorted already. */
function medianOfThree(keys: Float64Array, begin: number, end: number): number {
  const [a, b, c] = [keys[begin], keys[(begin + end) >> 1], keys[end - 1]] as [number, number, number]
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

/** Entries are looked at in lots of at least this many. */
const LOT = 512

/**
 * The k-th largest of the values, in little more than one look at each where k is small: those above the k-th largest so
 * far are gathered, and thinned out to k whenever there are too many.
 * @param values [n] without NaN
 * @param k from 1 to n
 */
export function kthLargest(values: Float32Array, k: number): number {
  const gathered = new Float64Array(Math.min(values.length, k + Math.max(k, LOT)))
  let count = 0
  let least = Number.NEGATIVE_INFINITY
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number
    if (value <= least && count >= k) continue
    gathered[count++] = value
    if (count < gathered.length) continue
    least = keepLargest(gathered, k)
    count = k
  }
  return keepLargest(gathered.subarray(0, count), k)
}

/** Moves the k largest values to the front, and returns the least of them. */
function keepLargest(values: Float64Array, k: number): number {
  const { key, ties } = fallingRun(values, 'entries', k)
  let kept = 0
  let left = ties
  for (let at = 0; at < values.length && kept < k; at++) {
    const value = values[at] as number
    if (value > key || (value === key && left-- > 0)) values[kept++] = value
  }
  return key
}

/** Binary exponents of float64 numbers. */
const OCTAVES = 2048

/**
 * As `fallingRun` by sum, for many weights: they are sorted into octaves first, so that only those of one octave need to
 * be put in order.
 * @param weights [n], not negative; left as they are
 */
export function heaviestRun(weights: Float64Array, target: number): Boundary {
  // Sign and exponent are the upper twelve bits; typed arrays are little-endian wherever Node runs.
  const halves = new Uint32Array(weights.buffer, weights.byteOffset, 2 * weights.length)
  const sums = new Float64Array(OCTAVES)
  const counts = new Int32Array(OCTAVES)
  for (let at = 0; at < weights.length; at++) {
    const octave = (halves[2 * at + 1] as number) >>> 20
    sums[octave] = (sums[octave] as number) + (weights[at] as number)
    counts[octave] = (counts[octave] as number) + 1
  }
  let before = 0
  let lightest = 0
  for (let octave = OCTAVES - 1; octave >= 0; octave--) {
    if (counts[octave] === 0) continue
    lightest = octave
    if (before + (sums[octave] as number) >= target) break
    before += sums[octave] as number
  }
  const within = new Float64Array(counts[lightest] as number)
  let count = 0
  for (let at = 0; at < weights.length; at++)
    if ((halves[2 * at + 1] as number) >>> 20 === lightest) within[count++] = weights[at] as number
  return fallingRun(within, 'sum', target - before)
}
