import { input, type Lowering } from './lowering.ts'

/**
 * A reshape to the shape that the value has, plus a zero that is computed from the value to wait for: it copies nothing,
 * and TensorFlow's own passes can neither foresee it nor merge it away.
 */
const barrier: Lowering = (node, { tf, slot }) => {
  const after = input(node, node.inputs.length - 1)
  const flat = tf.reshape(tf.cast(slot(after), 'float32'), [-1])
  const element = tf.call('Slice', 'float32', [flat, tf.wholes([0]), tf.wholes([1])], { T: 'float32', Index: 'int32' })
  const truth = tf.cast(tf.call('IsNan', 'bool', [element], { T: 'float32' }), 'int32')
  const zero = tf.binary('Minimum', truth, tf.wholes([0]))
  return node.outputs.map(({ shape, dtype }, index) =>
    tf.call('Reshape', dtype, [slot(input(node, index)), tf.add(tf.wholes(shape), zero)], {
      T: dtype,
      Tshape: 'int32',
    }),
  )
}

export const barriers: Record<string, Lowering> = { Barrier: barrier }
