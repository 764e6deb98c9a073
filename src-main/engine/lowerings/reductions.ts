import { reducedAxes } from '../kernels.ts'
import { ONNX_TYPE } from '../onnx-builder.ts'
import { input, type Lowering } from './lowering.ts'

const reduce =
  (type: string): Lowering =>
  (node, { onnx, name }) => {
    const x = input(node, 0)
    const axes = reducedAxes(x.shape, node.attributes)
    if (axes.length === 0) return [name(x)]
    return [onnx.op(type, [name(x), onnx.ints(axes)], { keepdims: node.attributes.keepDims ? 1 : 0 })]
  }

const argReduce =
  (type: string): Lowering =>
  (node, { onnx, name }) => [
    onnx.op('Cast', [onnx.op(type, [name(input(node, 0))], { axis: node.attributes.axis as number, keepdims: 0 })], {
      to: ONNX_TYPE.int32,
    }),
  ]

export const reductions: Record<string, Lowering> = {
  Sum: reduce('ReduceSum'),
  Mean: (node, context) => {
    const x = input(node, 0)
    if (x.dtype === 'float32') return reduce('ReduceMean')(node, context)
    const float = context.onnx.op('Cast', [context.name(x)], { to: ONNX_TYPE.float32 })
    return reduce('ReduceMean')(node, { ...context, name: () => float })
  },
  Max: reduce('ReduceMax'),
  Min: reduce('ReduceMin'),
  ArgMin: argReduce('ArgMin'),
  ArgMax: argReduce('ArgMax'),
  Softmax: (node, { onnx, name }) => [onnx.op('Softmax', [name(input(node, 0))], { axis: -1 })],
  LogSoftmax: (node, { onnx, name }) => [onnx.op('LogSoftmax', [name(input(node, 0))], { axis: -1 })],
}
