import type { Value } from '../../ir.ts'
import { IGNORED_LABEL } from '../../operations/softmax-cross-entropy.ts'
import type { Slot } from '../calls.ts'
import { input, keptFor, type Lowering, type LoweringContext } from './lowering.ts'

/** 1 for labels that count, 0 for ignored ones; and the labels with ignored ones moved to 0. */
function labelMask(labels: Value, { tf, slot }: LoweringContext) {
  const attributes = { T: 'int32', incompatible_shape_error: true } as const
  const ignored = tf.call('Equal', 'bool', [slot(labels), tf.scalar(IGNORED_LABEL, 'int32')], attributes)
  const counts = tf.call('SelectV2', 'float32', [ignored, tf.scalar(0), tf.scalar(1)], { T: 'float32' })
  const safe = tf.call('SelectV2', 'int32', [ignored, tf.scalar(0, 'int32'), slot(labels)], { T: 'int32' })
  return { counts, safe }
}

export const losses: Record<string, Lowering> = {
  // One operation gives each row's loss and its gradient, softmax − one-hot, which waits for the backward pass.
  SoftmaxCrossEntropy: (node, context) => {
    const { tf, slot, kept } = context
    const { counts, safe } = labelMask(input(node, 1), context)
    const logits = slot(input(node, 0))
    const [rows, gradient] = tf.calls('SparseSoftmaxCrossEntropyWithLogits', ['float32', 'float32'], [logits, safe], {
      T: 'float32',
      Tlabels: 'int32',
    }) as [Slot, Slot]
    const counted = tf.reduce('Sum', counts, [0])
    const divisor = tf.binary('Maximum', counted, tf.scalar(1))
    const weight = tf.binary('RealDiv', counts, divisor)
    const loss = tf.reduce('Sum', tf.multiply(rows, weight), [0])
    const logProbabilities = tf.unary('LogSoftmax', logits)
    kept.set(`cross-entropy ${logProbabilities.id}`, [gradient, weight])
    return [loss, counted, logProbabilities]
  },
  SoftmaxCrossEntropyGrad: (node, context) => {
    const { tf, slot } = context
    const [dy, logProbabilities] = [input(node, 0), input(node, 1)]
    const [gradient, weight] = keptFor(context, 'cross-entropy', slot(logProbabilities)) as [Slot, Slot]
    const column = tf.reshape(tf.multiply(weight, slot(dy)), [logProbabilities.shape[0] as number, 1])
    return [tf.multiply(gradient, column)]
  },
}
