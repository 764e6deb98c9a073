import type { Slot } from '../calls.ts'
import { input, type Lowering } from './lowering.ts'

/** Scores of one chunk of rows against the whole codebook may take this many bytes. */
const CHUNK_BYTES = 64 * 2 ** 20

/** argmin |c|² − 2 z·c, rows in chunks so that the score matrix stays small. ArgMin takes the first of equal scores. */
const nearestCode: Lowering = (node, { tf, slot }) => {
  const [z, codebook] = [input(node, 0), input(node, 1)]
  const [rows, codes] = [z.shape[0] as number, codebook.shape[0] as number]
  const norms = tf.reduce('Sum', tf.unary('Square', slot(codebook)), [1])
  // A power of two changes no digit, and the codebook is smaller than the scores.
  const doubled = tf.multiply(slot(codebook), tf.scalar(-2))
  const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / (4 * codes)))
  const chunks: Slot[] = []
  for (let start = 0; start < rows; start += perChunk) {
    const size = [Math.min(perChunk, rows - start), z.shape[1] as number]
    const part =
      size[0] === rows
        ? slot(z)
        : tf.call('Slice', 'float32', [slot(z), tf.wholes([start, 0]), tf.wholes(size)], {
            T: 'float32',
            Index: 'int32',
          })
    const attributes = { T: 'float32', transpose_a: false, transpose_b: true } as const
    const products = tf.call('MatMul', 'float32', [part, doubled], attributes)
    const scores = tf.call('BiasAdd', 'float32', [products, norms], { T: 'float32', data_format: { word: 'NHWC' } })
    chunks.push(
      tf.call('ArgMin', 'int32', [scores, tf.scalar(1, 'int32')], {
        T: 'float32',
        Tidx: 'int32',
        output_type: 'int32',
      }),
    )
  }
  if (chunks.length === 1) return chunks
  const attributes = { N: { whole: chunks.length }, T: 'int32', Tidx: 'int32' } as const
  return [tf.call('ConcatV2', 'int32', [...chunks, tf.scalar(0, 'int32')], attributes)]
}

export const nearestCodes: Record<string, Lowering> = { NearestCode: nearestCode }
