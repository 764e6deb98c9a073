import { basename } from 'node:path'
import { MissingOperationError } from './errors.ts'
import type { FrozenWeights } from './frozen/frozen-weights.ts'
import type { Graph, Value } from './ir.ts'
import { attentions } from './lowerings/attention.ts'
import { barriers } from './lowerings/barrier.ts'
import { cachedAttentions } from './lowerings/cached-attention.ts'
import { convolutions } from './lowerings/convolution.ts'
import { elementwise } from './lowerings/elementwise.ts'
import { type LoweredWeight, lowerFrozen, widen } from './lowerings/frozen-weight.ts'
import { gather } from './lowerings/gather.ts'
import { losses } from './lowerings/losses.ts'
import { type Lowering, PORTABLE, type Target } from './lowerings/lowering.ts'
import { matmul } from './lowerings/matmul.ts'
import { nearestCodes } from './lowerings/nearest-code.ts'
import { normalisation } from './lowerings/normalisation.ts'
import { reductions } from './lowerings/reductions.ts'
import { rowNormalisation } from './lowerings/row-normalisation.ts'
import { shapes } from './lowerings/shapes.ts'
import { OnnxBuilder, type WeightContent } from './onnx-builder.ts'
import { nodeLabel } from './runtimes/onnx-errors.ts'

export const lowerings: Readonly<Record<string, Lowering>> = {
  ...attentions,
  ...cachedAttentions,
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
export class LoweringError extends MissingOperationError {
  override name = 'LoweringError'
}

/**
 * The graph as an ONNX model for any runtime, or for one target; inputs and outputs keep their names.
 * @throws LoweringError naming the model line
 */
export const lowerToOnnx = (graph: Graph, graphName: string, documentation = '', target = PORTABLE): Uint8Array =>
  lower(graph, target).encode(graphName, documentation)

/**
 * As `lowerToOnnx`, before it is written.
 * @param weights inputs of these names become weights of the model, which keep their names too
 * @param frozen inputs of these names are read from its file, which lies in the folder that the session is told
 */
export function lower(
  graph: Graph,
  target: Target,
  weights: ReadonlyMap<string, WeightContent> = new Map(),
  frozen: FrozenWeights | null = null,
): OnnxBuilder {
  const onnx = new OnnxBuilder()
  const names = new Map<number, string>()
  const stored = new Map<number, { name: string; weight: LoweredWeight }>()
  const location = frozen ? basename(frozen.path) : ''
  const name = (value: Value): string => {
    const held = stored.get(value.id)
    if (held && !names.has(value.id)) names.set(value.id, widen(onnx, held.name, held.weight, location))
    const found = names.get(value.id)
    if (found === undefined) throw new LoweringError(`value %${value.id} is used before it is computed`)
    return found
  }
  for (const input of graph.inputs) {
    const { shape, dtype } = input.value
    const weight = weights.get(input.name)
    const tensor = frozen?.tensors[input.name]
    if (tensor) {
      stored.set(input.value.id, { name: input.name, weight: lowerFrozen(onnx, input.name, tensor, location) })
      continue
    }
    if (weight) onnx.weight(input.name, shape, dtype, weight)
    else onnx.input(input.name, shape, dtype)
    names.set(input.value.id, input.name)
  }
  for (const { value, data } of graph.constants) names.set(value.id, onnx.constant(data, value.shape, value.dtype))
  for (const [index, node] of graph.nodes.entries()) {
    onnx.label(nodeLabel(node, index))
    const lowering = lowerings[node.kernel]
    if (!lowering)
      throw new LoweringError(`the ONNX runtime has no lowering for "${node.kernel}", called at ${node.source}`)
    let outputs: string[]
    try {
      outputs = lowering(node, { onnx, name, frozen: (value) => stored.get(value.id)?.weight, target })
    } catch (cause) {
      const shapesOf = node.inputs.map((value) => `[${value.shape}]`).join(', ')
      throw new LoweringError(`${node.kernel} of ${shapesOf} at ${node.source}: ${(cause as Error).message}`, { cause })
    }
    for (const [place, value] of node.outputs.entries()) {
      const lowered = outputs[place]
      if (lowered) names.set(value.id, lowered)
    }
  }
  onnx.label('output')
  for (const output of graph.outputs)
    onnx.output(output.name, name(output.value), output.value.shape, output.value.dtype)
  return onnx
}
