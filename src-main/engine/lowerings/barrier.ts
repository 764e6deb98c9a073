import { ONNX_TYPE } from '../onnx-builder.ts'
import type { Lowering } from './lowering.ts'

/**
 * A reshape to the shape that the value has, plus a zero that is computed from the value to wait for: it copies nothing,
 * and onnxruntime, which drops Identity and merges equal operators, can neither foresee it nor merge it away.
 */
const barrier: Lowering = (node, { onnx, name }) => {
  const after = node.inputs.at(-1)
  if (!after) throw new Error('Barrier lacks a value to wait for')
  const flat = onnx.op('Reshape', [name(after), onnx.ints([-1])])
  const element = onnx.op('Slice', [flat, onnx.ints([0]), onnx.ints([1]), onnx.ints([0])])
  const float = after.dtype === 'float32' ? element : onnx.op('Cast', [element], { to: ONNX_TYPE.float32 })
  const truth = onnx.op('Cast', [onnx.op('IsNaN', [float])], { to: ONNX_TYPE.int64 })
  const zero = onnx.op('Min', [truth, onnx.ints([0])])
  return node.outputs.map((value, index) => {
    const shape = onnx.op('Add', [onnx.ints(value.shape), zero])
    const passed = onnx.op('Reshape', [name(node.inputs[index] as typeof after), shape])
    onnx.describe(passed, value.shape, value.dtype)
    return passed
  })
}

export const barriers: Record<string, Lowering> = { Barrier: barrier }
