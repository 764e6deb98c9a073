import { sizeOf } from '../../ir.ts'
import { input, type Lowering, output } from './lowering.ts'

export const matmul: Record<string, Lowering> = {
  BatchMatMul: (node, { tf, slot }) => {
    const [a, b] = [input(node, 0), input(node, 1)]
    const transposeA = node.attributes.transposeA === true
    const transposeB = node.attributes.transposeB === true
    const one = (shape: readonly number[]) => sizeOf(shape.slice(0, -2)) === 1
    // One matrix on the right: all rows of the left go through it at once.
    const rowsAtOnce = one(b.shape) && (one(a.shape) || !transposeA)
    if (!rowsAtOnce)
      return [
        tf.call('BatchMatMulV2', 'float32', [slot(a), slot(b)], { T: 'float32', adj_x: transposeA, adj_y: transposeB }),
      ]
    const inner = a.shape.at(-1) as number
    const left = a.shape.length === 2 ? slot(a) : tf.reshape(slot(a), [sizeOf(a.shape) / inner, inner])
    const right = b.shape.length === 2 ? slot(b) : tf.reshape(slot(b), b.shape.slice(-2))
    const attributes = { T: 'float32', transpose_a: transposeA, transpose_b: transposeB } as const
    const product = tf.call('MatMul', 'float32', [left, right], attributes)
    const { shape } = output(node)
    return [shape.length === 2 ? product : tf.reshape(product, shape)]
  },
}
