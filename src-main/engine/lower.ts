import type { Graph, Value } from './ir.ts'
import { attentions } from './lowerings/attention.ts'
import { barriers } from './lowerings/barrier.ts'
import { convolutions } from './lowerings/convolution.ts'
import { elementwise } from './lowerings/elementwise.ts'
import { gather } from './lowerings/gather.ts'
import { losses } from './lowerings/losses.ts'
import type { Lowering } from './lowerings/lowering.ts'
import { matmul } from './lowerings/matmul.ts'
import { nearestCodes } from './lowerings/nearest-code.ts'
import { normalisation } from './lowerings/normalisation.ts'
import { reductions } from './lowerings/reductions.ts'
import { rowNormalisation } from './lowerings/row-normalisation.ts'
import { shapes } from './lowerings/shapes.ts'
import { OnnxBuilder } from './onnx-builder.ts'

export const lowerings: Readonly<Record<string, Lowering>> = {
  ...attentions,
  ...barriers,
  ...convolutions,
  ...elementwise,
  ...gather,
  ...losses,
  ...matmul,
  ...nearestCodes,
  ...normalisation,
  ...reductions,
  ...rowNormalisation,
  ...shapes,
}

/** A kernel that can be traced but not lowered to ONNX. */
export class LoweringError extends Error {
  override name = 'LoweringError'
}

/** The graph as an ONNX model; inputs and outputs keep their names. @throws LoweringError naming the model line */
export function lowerToOnnx(graph: Graph, graphName: string, documentation = ''): Uint8Array {
  const onnx = new OnnxBuilder()
  const names = new Map<number, string>()
  const name = (value: Value): string => {
    const found = names.get(value.id)
    if (found === undefined) throw new LoweringError(`value %${value.id} is used before it is computed`)
    return found
  }
  for (const input of graph.inputs) {
    onnx.input(input.name, input.value.shape, input.value.dtype)
    names.set(input.value.id, input.name)
  }
  for (const { value, data } of graph.constants) names.set(value.id, onnx.constant(data, value.shape, value.dtype))
  for (const node of graph.nodes) {
    const lower = lowerings[node.kernel]
    if (!lower)
      throw new LoweringError(`the ONNX runtime has no lowering for "${node.kernel}", called at ${node.source}`)
    let outputs: string[]
    try {
      outputs = lower(node, { onnx, name })
    } catch (cause) {
      const shapesOf = node.inputs.map((value) => `[${value.shape}]`).join(', ')
      throw new LoweringError(`${node.kernel} of ${shapesOf} at ${node.source}: ${(cause as Error).message}`, { cause })
    }
    for (const [index, value] of node.outputs.entries()) {
      const lowered = outputs[index]
      if (lowered) names.set(value.id, lowered)
    }
  }
  for (const output of graph.outputs)
    onnx.output(output.name, name(output.value), output.value.shape, output.value.dtype)
  return onnx.encode(graphName, documentation)
}
