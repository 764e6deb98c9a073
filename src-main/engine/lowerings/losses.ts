import type { Value } from '../ir.ts'
import { ONNX_TYPE } from '../onnx-builder.ts'
import { IGNORED_LABEL } from '../operations/softmax-cross-entropy.ts'
import { input, type Lowering, type LoweringContext } from './lowering.ts'

/** 1 for labels that count, 0 for ignored ones; and the labels as int64 with ignored ones moved to 0. */
function labelMask(labels: Value, { onnx, name }: LoweringContext): { counts: string; safe: string } {
  const ignored = onnx.op('Equal', [name(labels), onnx.scalar(IGNORED_LABEL, 'int32')])
  const counts = onnx.op('Cast', [onnx.op('Not', [ignored])], { to: ONNX_TYPE.float32 })
  const safe = onnx.op('Where', [ignored, onnx.scalar(0, 'int32'), name(labels)])
  return { counts, safe: onnx.op('Unsqueeze', [onnx.op('Cast', [safe], { to: ONNX_TYPE.int64 }), onnx.ints([1])]) }
}

export const losses: Record<string, Lowering> = {
  SoftmaxCrossEntropy: (node, context) => {
    const { onnx, name } = context
    const { counts, safe } = labelMask(input(node, 1), context)
    const logProbabilities = onnx.op('LogSoftmax', [name(input(node, 0))], { axis: -1 })
    const picked = onnx.op('Squeeze', [
      onnx.op('GatherElements', [logProbabilities, safe], { axis: 1 }),
      onnx.ints([1]),
    ])
    const total = onnx.op('ReduceSum', [onnx.op('Mul', [picked, counts])], { keepdims: 0 })
    const counted = onnx.op('ReduceSum', [counts], { keepdims: 0 })
    const loss = onnx.op('Neg', [onnx.op('Div', [total, onnx.op('Max', [counted, onnx.scalar(1)])])])
    return [loss, counted, logProbabilities]
  },
  // The one-hot is never made: 1 is subtracted where the label is.
  SoftmaxCrossEntropyGrad: (node, context) => {
    const { onnx, name } = context
    const [dy, logProbabilities, labels, counted] = [input(node, 0), input(node, 1), input(node, 2), input(node, 3)]
    const { counts, safe } = labelMask(labels, context)
    const weight = onnx.op('Div', [onnx.op('Mul', [counts, name(dy)]), onnx.op('Max', [name(counted), onnx.scalar(1)])])
    const column = onnx.op('Unsqueeze', [weight, onnx.ints([1])])
    const scaled = onnx.op('Mul', [onnx.op('Exp', [name(logProbabilities)]), column])
    return [onnx.op('ScatterElements', [scaled, safe, onnx.op('Neg', [column])], { axis: 1, reduction: 'add' })]
  },
}
