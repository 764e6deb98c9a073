import type { Node, Value } from '../ir.ts'
import type { OnnxBuilder } from '../onnx-builder.ts'

/** What a lowering may use: the ONNX graph under construction, and the ONNX name of any IR value. */
export interface LoweringContext {
  onnx: OnnxBuilder
  name(value: Value): string
}

/** Turns one IR node into ONNX operators and returns the ONNX names of its outputs. */
export type Lowering = (node: Node, context: LoweringContext) => string[]

export const input = (node: Node, index: number): Value => {
  const value = node.inputs[index]
  if (!value) throw new Error(`${node.kernel} lacks input ${index}`)
  return value
}
export const output = (node: Node, index = 0): Value => {
  const value = node.outputs[index]
  if (!value) throw new Error(`${node.kernel} lacks output ${index}`)
  return value
}
