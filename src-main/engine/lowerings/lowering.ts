import type { Node, Value } from '../ir.ts'
import type { OnnxBuilder } from '../onnx-builder.ts'
import type { LoweredWeight } from './frozen-weight.ts'

/** What the lowered graph is to run on. */
export interface Target {
  /** True for onnxruntime's own processor kernels, which have operators that no other provider knows. */
  cpu: boolean
  /** Channels per block of the blocked convolutions of this processor; 0 where it has none. */
  channelBlock: number
}

/** Standard operators, so that any runtime opens the file. */
export const PORTABLE: Target = { cpu: false, channelBlock: 0 }

/** What a lowering may use: the ONNX graph under construction, the ONNX name of any IR value, and where it will run. */
export interface LoweringContext {
  onnx: OnnxBuilder
  name(value: Value): string
  /** The stored form of a value that is a frozen weight, for lowerings that compute with it as it is. */
  frozen(value: Value): LoweredWeight | undefined
  target: Target
}

/** Turns one IR node into ONNX operators and returns the ONNX names of its outputs. */
export type Lowering = (node: Node, context: LoweringContext) => string[]

export { input, output } from '../ir.ts'
