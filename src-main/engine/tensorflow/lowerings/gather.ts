import { oneAxis } from '../../kernels.ts'
import { input, type Lowering, output } from './lowering.ts'

export const gather: Record<string, Lowering> = {
  GatherV2: (node, { tf, slot }) => {
    if (Number(node.attributes.batchDims ?? 0) !== 0)
      throw new Error('gather with batchDims is not lowered; use batchDims 0')
    const x = input(node, 0)
    const axis = tf.scalar(oneAxis(node.attributes.axis, x.shape.length), 'int32')
    return [
      tf.call('GatherV2', x.dtype, [slot(x), slot(input(node, 1)), axis], {
        Tparams: x.dtype,
        Tindices: 'int32',
        Taxis: 'int32',
        batch_dims: { whole: 0 },
      }),
    ]
  },
  UnsortedSegmentSum: (node, { tf, slot }) => {
    const { dtype } = output(node)
    const segments = tf.scalar(node.attributes.numSegments as number, 'int32')
    return [
      tf.call('UnsortedSegmentSum', dtype, [slot(input(node, 0)), slot(input(node, 1)), segments], {
        T: dtype,
        Tindices: 'int32',
        Tnumsegments: 'int32',
      }),
    ]
  },
  TensorScatterUpdate: (node, { tf, slot }) => {
    const { dtype } = output(node)
    const operands = [slot(input(node, 0)), slot(input(node, 1)), slot(input(node, 2))]
    return [tf.call('TensorScatterUpdate', dtype, operands, { T: dtype, Tindices: 'int32' })]
  },
  OneHot: (node, { tf, slot }) => {
    const { dtype } = output(node)
    const depth = tf.scalar(node.attributes.depth as number, 'int32')
    const [on, off] = [node.attributes.onValue ?? 1, node.attributes.offValue ?? 0].map(Number) as [number, number]
    return [
      tf.call('OneHot', dtype, [slot(input(node, 0)), depth, tf.scalar(on, dtype), tf.scalar(off, dtype)], {
        T: dtype,
        TI: 'int32',
        axis: { whole: -1 },
      }),
    ]
  },
}
