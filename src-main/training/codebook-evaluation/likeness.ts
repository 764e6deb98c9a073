import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { neighboursOf } from '../../codebook/nearest-rows.ts'
import { createRandom, shuffle } from '../../data/random.ts'
import { compile } from '../../engine/compile.ts'
import { float32, floats, type Runtime, type State } from '../../engine/runtimes/runtime.ts'
import { tf } from '../../engine/tf.ts'
import { PRODUCTS_AT_ONCE } from '../stage-one/programs.ts'
import { CODES, LANGUAGE_TABLE } from '../stage-one/state.ts'

/** Where a used code stands among the language model's rows, by directions alone. */
export interface CodeLikeness {
  /** Row of the codebook's table, and how often the set has it. */
  code: number
  hits: number
  /** Cosine to its own row, and to the row of the largest one. */
  own: number
  nearest: number
  /** The latter after the code's columns were put into another order: what the table's spread alone gives. */
  shuffled: number
  /** Rows of a larger cosine than its own; 0: its own row is the nearest. */
  rank: number
}

/** A code of this cosine to its own row lies on it. */
const ON_ITS_ROW = 1 - 1e-6

/**
 * The used codes among the rows of the language model's table.
 * @param ids token id of each code; null where code and row are one
 * @param hits [K] of each code over all layers
 */
export async function codesAmongRows(
  { runtime, state, ids }: { runtime: Runtime; state: State; ids: Int32Array | null },
  { seed }: Pick<ExperimentConfig, 'seed'>,
  hits: Int32Array,
  progress: (share: number) => void,
): Promise<CodeLikeness[]> {
  const table = (await state.read(CODES)).data as Float32Array
  const [rows, width] = state.typeOf(LANGUAGE_TABLE).shape as [number, number]
  const program = await compile(
    runtime,
    state,
    'cosines',
    { queries: { shape: [PRODUCTS_AT_ONCE, width] } },
    [LANGUAGE_TABLE],
    ({ queries, [LANGUAGE_TABLE]: language }) => {
      const norms = tf.maximum(tf.sqrt(tf.sum(tf.square(language as tf.Tensor2D), 1)), 1e-12)
      return { cosines: tf.div(tf.matMul(queries as tf.Tensor2D, language as tf.Tensor2D, false, true), norms) }
    },
  )
  /** One order of the columns for all codes. */
  const columns = shuffle(
    Int32Array.from({ length: width }, (_, at) => at),
    createRandom(seed, 'shuffled columns'),
  )
  const used = Array.from(hits.keys()).filter((code) => (hits[code] as number) > 0)
  const ones = new Float64Array(rows).fill(1)
  /** Cosines of some codes to every row, [codes, rows]. */
  const cosines = async (codes: readonly number[], order: Int32Array | null): Promise<Float32Array> => {
    const queries = new Float32Array(PRODUCTS_AT_ONCE * width)
    for (const [at, code] of codes.entries()) {
      const vector = table.subarray(code * width, (code + 1) * width)
      const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) || 1
      for (let column = 0; column < width; column++)
        queries[at * width + column] = (vector[order ? (order[column] as number) : column] as number) / norm
    }
    return floats(await program.run({ queries: float32(queries, [PRODUCTS_AT_ONCE, width]) }), 'cosines')
  }
  const found: CodeLikeness[] = []
  try {
    for (let begin = 0; begin < used.length; begin += PRODUCTS_AT_ONCE) {
      const part = used.slice(begin, begin + PRODUCTS_AT_ONCE)
      const [true_, shuffled] = [await cosines(part, null), await cosines(part, columns)]
      for (const [at, code] of part.entries()) {
        const here = true_.subarray(at * rows, (at + 1) * rows)
        const row = ids ? (ids[code] as number) : code
        const own = here[row] as number
        const { rank, rows: nearest } = neighboursOf(here, ones, 1, row, 1)
        found.push({
          ...{ code, hits: hits[code] as number, own, nearest: here[nearest[0] as number] as number },
          shuffled: largest(shuffled.subarray(at * rows, (at + 1) * rows)),
          rank: own >= ON_ITS_ROW ? 0 : rank,
        })
      }
      progress(Math.min(1, (begin + PRODUCTS_AT_ONCE) / used.length))
    }
  } finally {
    await program.dispose()
  }
  return found
}

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, value), -1)
