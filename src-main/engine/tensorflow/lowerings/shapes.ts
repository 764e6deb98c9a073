import { oneAxis } from '../../kernels.ts'
import { input, type Lowering, output } from './lowering.ts'

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.join() === b.join()

const reshape: Lowering = (node, { tf, slot }) => {
  const [x, { shape }] = [input(node, 0), output(node)]
  return [sameShape(x.shape, shape) ? slot(x) : tf.reshape(slot(x), shape)]
}

const filled: Lowering = (node, { tf }) => {
  const { shape, dtype } = output(node)
  const value = node.kernel === 'ZerosLike' ? 0 : node.kernel === 'OnesLike' ? 1 : Number(node.attributes.value)
  const scalar = tf.scalar(value, dtype)
  if (shape.length === 0) return [scalar]
  return [tf.call('Fill', dtype, [tf.wholes(shape), scalar], { T: dtype, index_type: 'int32' })]
}

export const shapes: Record<string, Lowering> = {
  Reshape: reshape,
  ExpandDims: reshape,
  Fill: filled,
  ZerosLike: filled,
  OnesLike: filled,
  Transpose: (node, context) => {
    const perm = node.attributes.perm as number[]
    const x = input(node, 0)
    // A permutation that moves only axes of size 1 is a reshape.
    const moved = perm.filter((axis) => x.shape[axis] !== 1)
    if (moved.every((axis, index) => index === 0 || axis > (moved[index - 1] as number))) return reshape(node, context)
    const { tf, slot } = context
    return [tf.call('Transpose', x.dtype, [slot(x), tf.wholes(perm)], { T: x.dtype, Tperm: 'int32' })]
  },
  Concat: (node, { tf, slot }) => {
    const { shape, dtype } = output(node)
    if (node.inputs.length === 1) return [slot(input(node, 0))]
    const axis = tf.scalar(oneAxis(node.attributes.axis, shape.length), 'int32')
    const attributes = { N: { whole: node.inputs.length }, T: dtype, Tidx: 'int32' } as const
    return [tf.call('ConcatV2', dtype, [...node.inputs.map(slot), axis], attributes)]
  },
  Pack: (node, { tf, slot }) => {
    const { shape, dtype } = output(node)
    const axis = { whole: oneAxis(node.attributes.axis, shape.length) }
    return [tf.call('Pack', dtype, node.inputs.map(slot), { N: { whole: node.inputs.length }, T: dtype, axis })]
  },
  Unpack: (node, { tf, slot }) => {
    const x = input(node, 0)
    const axis = { whole: oneAxis(node.attributes.axis, x.shape.length) }
    const types = node.outputs.map(({ dtype }) => dtype)
    return tf.calls('Unpack', types, [slot(x)], { num: { whole: types.length }, T: x.dtype, axis })
  },
  SplitV: (node, { tf, slot }) => {
    const x = input(node, 0)
    const axis = oneAxis(node.attributes.axis, x.shape.length)
    const sizes = tf.wholes(node.outputs.map((part) => part.shape[axis] as number))
    const types = node.outputs.map(({ dtype }) => dtype)
    const attributes = { num_split: { whole: types.length }, T: x.dtype, Tlen: 'int32' } as const
    return tf.calls('SplitV', types, [slot(x), sizes, tf.scalar(axis, 'int32')], attributes)
  },
  Slice: (node, { tf, slot }) => {
    const [x, { shape }] = [input(node, 0), output(node)]
    if (sameShape(x.shape, shape)) return [slot(x)]
    const begin = tf.wholes(node.attributes.begin as number[])
    return [tf.call('Slice', x.dtype, [slot(x), begin, tf.wholes(shape)], { T: x.dtype, Index: 'int32' })]
  },
  PadV2: (node, { tf, slot }) => {
    const x = input(node, 0)
    const pairs = node.attributes.paddings as [number, number][]
    if (pairs.every(([before, after]) => before === 0 && after === 0)) return [slot(x)]
    const paddings = tf.constant(Int32Array.from(pairs.flat()), [pairs.length, 2], 'int32')
    const value = tf.scalar(Number(node.attributes.constantValue ?? 0), x.dtype)
    return [tf.call('PadV2', x.dtype, [slot(x), paddings, value], { T: x.dtype, Tpaddings: 'int32' })]
  },
  Tile: (node, { tf, slot }) => {
    const x = input(node, 0)
    const reps = tf.wholes(node.attributes.reps as number[])
    return [tf.call('Tile', x.dtype, [slot(x), reps], { T: x.dtype, Tmultiples: 'int32' })]
  },
  BroadcastTo: (node, { tf, slot }) => {
    const x = input(node, 0)
    return [tf.call('BroadcastTo', x.dtype, [slot(x), tf.wholes(output(node).shape)], { T: x.dtype, Tidx: 'int32' })]
  },
}
