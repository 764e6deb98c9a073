import { oneAxis } from '../kernels.ts'
import { input, type Lowering, output } from './lowering.ts'

const reshape: Lowering = (node, { onnx, name }) => {
  const [x, { shape }] = [input(node, 0), output(node)]
  if (x.shape.length === shape.length && x.shape.every((size, axis) => size === shape[axis])) return [name(x)]
  return [onnx.op('Reshape', [name(x), onnx.ints(shape)])]
}

/** A tensor of one value everywhere: Expand of a scalar, never a stored constant. */
const filled: Lowering = (node, { onnx }) => {
  const { shape, dtype } = output(node)
  const value = node.kernel === 'ZerosLike' ? 0 : node.kernel === 'OnesLike' ? 1 : Number(node.attributes.value)
  const scalar = onnx.scalar(value, dtype)
  return [shape.length === 0 ? scalar : onnx.op('Expand', [scalar, onnx.ints(shape)])]
}

export const shapes: Record<string, Lowering> = {
  Reshape: reshape,
  ExpandDims: reshape,
  Fill: filled,
  ZerosLike: filled,
  OnesLike: filled,
  Transpose: (node, context) => {
    const { onnx, name } = context
    const perm = node.attributes.perm as number[]
    const { shape } = input(node, 0)
    // A permutation that moves only axes of size 1 is a reshape.
    const moved = perm.filter((axis) => shape[axis] !== 1)
    if (moved.every((axis, index) => index === 0 || axis > (moved[index - 1] as number))) return reshape(node, context)
    return [onnx.op('Transpose', [name(input(node, 0))], { perm })]
  },
  Concat: (node, { onnx, name }) => [
    onnx.op('Concat', node.inputs.map(name), { axis: oneAxis(node.attributes.axis, output(node).shape.length) }),
  ],
  Pack: (node, { onnx, name }) => {
    const axis = oneAxis(node.attributes.axis, output(node).shape.length)
    const parts = node.inputs.map((part) => onnx.op('Unsqueeze', [name(part), onnx.ints([axis])]))
    return [onnx.op('Concat', parts, { axis })]
  },
  Unpack: (node, { onnx, name }) => {
    const axis = oneAxis(node.attributes.axis, input(node, 0).shape.length)
    const sizes = node.outputs.map(() => 1)
    const parts = onnx.ops('Split', [name(input(node, 0)), onnx.ints(sizes)], sizes.length, { axis })
    return parts.map((part) => onnx.op('Squeeze', [part, onnx.ints([axis])]))
  },
  SplitV: (node, { onnx, name }) => {
    const axis = oneAxis(node.attributes.axis, input(node, 0).shape.length)
    const sizes = node.outputs.map((part) => part.shape[axis] as number)
    return onnx.ops('Split', [name(input(node, 0)), onnx.ints(sizes)], sizes.length, { axis })
  },
  Slice: (node, { onnx, name }) => {
    const begin = node.attributes.begin as number[]
    const { shape } = output(node)
    const axes = begin.map((_, axis) => axis).filter((axis) => shape[axis] !== input(node, 0).shape[axis])
    if (axes.length === 0) return [name(input(node, 0))]
    const starts = axes.map((axis) => begin[axis] as number)
    const ends = axes.map((axis) => (begin[axis] as number) + (shape[axis] as number))
    return [onnx.op('Slice', [name(input(node, 0)), onnx.ints(starts), onnx.ints(ends), onnx.ints(axes)])]
  },
  PadV2: (node, { onnx, name }) => {
    const paddings = node.attributes.paddings as [number, number][]
    const pads = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]
    const value = onnx.scalar(Number(node.attributes.constantValue ?? 0), output(node).dtype)
    return [onnx.op('Pad', [name(input(node, 0)), onnx.ints(pads), value])]
  },
  Tile: (node, { onnx, name }) => [
    onnx.op('Tile', [name(input(node, 0)), onnx.ints(node.attributes.reps as number[])]),
  ],
  BroadcastTo: (node, { onnx, name }) => [onnx.op('Expand', [name(input(node, 0)), onnx.ints(output(node).shape)])],
}
