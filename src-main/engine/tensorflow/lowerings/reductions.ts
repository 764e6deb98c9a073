import { oneAxis, reducedAxes } from '../../kernels.ts'
import { input, type Lowering, output } from './lowering.ts'

const reduce =
  (operation: string): Lowering =>
  (node, { tf, slot }) => {
    const x = input(node, 0)
    const axes = reducedAxes(x.shape, node.attributes)
    const given = tf.cast(slot(x), output(node).dtype)
    return [axes.length === 0 ? given : tf.reduce(operation, given, axes, node.attributes.keepDims === true)]
  }

const argReduce =
  (operation: string): Lowering =>
  (node, { tf, slot }) => {
    const x = input(node, 0)
    const axis = tf.scalar(oneAxis(node.attributes.axis, x.shape.length), 'int32')
    return [tf.call(operation, 'int32', [slot(x), axis], { T: x.dtype, Tidx: 'int32', output_type: 'int32' })]
  }

const overLastAxis =
  (operation: string): Lowering =>
  (node, { tf, slot }) => [tf.unary(operation, slot(input(node, 0)))]

export const reductions: Record<string, Lowering> = {
  Sum: reduce('Sum'),
  Mean: reduce('Mean'),
  Max: reduce('Max'),
  Min: reduce('Min'),
  ArgMin: argReduce('ArgMin'),
  ArgMax: argReduce('ArgMax'),
  Softmax: overLastAxis('Softmax'),
  LogSoftmax: overLastAxis('LogSoftmax'),
}
