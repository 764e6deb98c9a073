import type { StoredTensor } from '../../../src-shared/safetensors.ts'
import { type Neighbours, neighboursOf, rowsOf, squaredNorms } from '../../codebook/nearest-rows.ts'
import { createRandom, shuffle } from '../../data/random.ts'
import { float32, floats } from '../../engine/runtimes/runtime.ts'
import { coordinatesOn, principalAxes, principalCoordinates } from '../../evaluation/principal-components.ts'
import { rampsToLanguage } from './codebook-update.ts'
import { PRODUCTS_AT_ONCE } from './programs.ts'
import type { Run } from './run.ts'
import { CODES, IDS, LANGUAGE_TABLE, SCALE } from './state.ts'

/** What a sample file says of the codes beside their usage and drift (SampleLayout). */

/** Nearest rows that are written for each used code. */
const NEAREST = 8
/** Used codes that get their nearest rows, the most used first; and codes that get a rank, the used ones first. */
const MOST_NEAREST = 512
const MOST_RANKS = 1024
/** A code farther from its row than this share of the row's norm has left it. */
export const MOVED = 1e-6

/**
 * @param distance [K] |c − l| / |l|, or null without a language model's rows to compare with
 * @param hits [K] of each code over the evaluated pictures, all layers together
 */
export async function codeSample(
  run: Run,
  distance: Float32Array | null,
  hits: Int32Array,
): Promise<Record<string, StoredTensor>> {
  const { data, shape } = await run.state.read(CODES)
  const [codes, width] = shape as [number, number]
  const table = data as Float32Array
  const tensors = {
    ...run.record.history.toTensors(),
    // Near codes get near colours.
    projection: matrix(principalCoordinates(table, width, 3), codes),
  }
  run.record.history.endWindow()
  if (!distance) return tensors
  const rows = (await run.state.read(LANGUAGE_TABLE)).data as Float32Array
  const ids = run.config.codebook.rows === 'all' ? null : ((await run.state.read(IDS)).data as Int32Array)
  run.record.plane ??= principalAxes(rows, width, 2)
  const own = coordinatesOn(run.record.plane, rows)
  const placed = await inLanguageUnits(run, table)
  return {
    ...tensors,
    'map.codes': matrix(coordinatesOn(run.record.plane, placed), codes),
    'map.rows': matrix(ids ? rowsOf(own, 2, ids) : own, codes),
    ...(await neighbourhoods(run, { table: placed, width, squares: squaredNorms(rows, width), ids }, distance, hits)),
  }
}

/** The codes as they lie among the language model's rows: under the release rule they are scaled to the features. */
async function inLanguageUnits({ config, state }: Run, table: Float32Array): Promise<Float32Array> {
  if (!rampsToLanguage(config)) return table
  const scale = (await state.read(SCALE)).data[0] as number
  return scale > 0 ? table.map((value) => value / scale) : table
}

const matrix = (data: Float32Array, rows: number): StoredTensor => ({
  dtype: 'F32',
  shape: [rows, data.length / rows],
  data,
})

/** drift.rank and nearest.*. Codes on their own row have rank 0 without work. */
async function neighbourhoods(
  run: Run,
  tables: Tables,
  distance: Float32Array,
  hits: Int32Array,
): Promise<Record<string, StoredTensor>> {
  const byUse = Array.from(hits.keys()).sort((a, b) => (hits[b] as number) - (hits[a] as number) || a - b)
  const used = Int32Array.from(byUse.filter((code) => (hits[code] as number) > 0).slice(0, MOST_NEAREST))
  const moved = byUse.filter((code) => (distance[code] as number) > MOVED)
  const rank = new Int32Array(hits.length)
  for (const code of moved) rank[code] = -1
  const count = Math.min(NEAREST, tables.squares.length)
  const around = async (codes: readonly number[] | Int32Array, columns: Int32Array | null, wanted: number) =>
    neighboursOfCodes(run, tables, codes, columns, wanted)
  const nearest = await around(used, null, count)
  // The most used of the moved codes have their rank from the same products.
  const others = moved.filter((code) => !nearest.has(code)).slice(0, Math.max(0, MOST_RANKS - used.length))
  for (const found of [nearest, await around(others, null, 0)])
    for (const [code, { rank: place }] of found) if ((distance[code] as number) > MOVED) rank[code] = place
  const shuffled = await around(used, permutation(tables.width, run.config.seed), count)
  const collect = (found: Map<number, Neighbours>, part: 'rows' | 'distances') => {
    const values = new (part === 'rows' ? Int32Array : Float32Array)(used.length * count)
    for (const [at, code] of used.entries()) values.set(found.get(code)?.[part] as Int32Array, at * count)
    return values
  }
  const shape = [used.length, count]
  return {
    'drift.rank': { dtype: 'I32', shape: [rank.length], data: rank },
    'nearest.codes': { dtype: 'I32', shape: [used.length], data: used },
    'nearest.tokens': { dtype: 'I32', shape, data: collect(nearest, 'rows') },
    'nearest.distances': { dtype: 'F32', shape, data: collect(nearest, 'distances') },
    'nearest.shuffled': { dtype: 'F32', shape, data: collect(shuffled, 'distances') },
  }
}

interface Tables {
  /** [K, n] the codes */
  table: Float32Array
  width: number
  /** [V] squared norms of the language model's rows */
  squares: Float64Array
  /** [K] row of each code in the language model's table; null where code and row are one */
  ids: Int32Array | null
}

/** Neighbours of codes among the language model's rows, a few codes at a time. @param columns their order, if another */
async function neighboursOfCodes(
  run: Run,
  { table, width, squares, ids }: Tables,
  codes: readonly number[] | Int32Array,
  columns: Int32Array | null,
  wanted: number,
): Promise<Map<number, Neighbours>> {
  const found = new Map<number, Neighbours>()
  for (let begin = 0; begin < codes.length; begin += PRODUCTS_AT_ONCE) {
    const part = codes.slice(begin, begin + PRODUCTS_AT_ONCE)
    const queries = new Float32Array(PRODUCTS_AT_ONCE * width)
    for (const [at, code] of part.entries())
      for (let column = 0; column < width; column++)
        queries[at * width + column] = table[code * width + (columns ? (columns[column] as number) : column)] as number
    const out = await run.programs.products.run({ queries: float32(queries, [PRODUCTS_AT_ONCE, width]) })
    const products = floats(out, 'products')
    const codeSquares = squaredNorms(queries, width)
    for (const [at, code] of part.entries()) {
      const ofCode = products.subarray(at * squares.length, (at + 1) * squares.length)
      const own = columns ? -1 : ids ? (ids[code] as number) : code
      found.set(code, neighboursOf(ofCode, squares, codeSquares[at] as number, own, wanted))
    }
  }
  return found
}

/** One order of the columns for a whole run, drawn from its seed. */
const permutation = (width: number, seed: number): Int32Array =>
  shuffle(
    Int32Array.from({ length: width }, (_, at) => at),
    createRandom(seed, 'shuffled columns'),
  )
