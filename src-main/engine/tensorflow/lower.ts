import type { Graph, Node, Value } from '../ir.ts'
import { CallBuilder, type CallList, type Slot } from './calls.ts'
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

/** A kernel that can be traced but not lowered to TensorFlow. */
export class TensorflowLoweringError extends Error {
  override name = 'TensorflowLoweringError'
}

const describe = (node: Node): string =>
  `${node.kernel} of ${node.inputs.map(({ shape }) => `[${shape}]`).join(', ')}${node.source && ` at ${node.source}`}`

/** The graph as TensorFlow operations; inputs and outputs keep their names. @throws TensorflowLoweringError naming the model line */
export function lowerToTensorflow(graph: Graph): CallList {
  const tf = new CallBuilder()
  const slots = new Map<number, Slot>()
  const slot = (value: Value): Slot => {
    const found = slots.get(value.id)
    if (!found) throw new TensorflowLoweringError(`value %${value.id} is used before it is computed`)
    return found
  }
  const context = { tf, slot, kept: new Map<string, Slot[]>() }
  for (const { name, value } of graph.inputs) slots.set(value.id, tf.input(name, value.dtype))
  for (const { value, data } of graph.constants) slots.set(value.id, tf.constant(data, value.shape, value.dtype))
  for (const node of graph.nodes) {
    const lower = lowerings[node.kernel]
    tf.origin = describe(node)
    if (!lower) throw new TensorflowLoweringError(`the TensorFlow runtime has no lowering for ${tf.origin}`)
    let outputs: Slot[]
    try {
      outputs = lower(node, context)
    } catch (cause) {
      throw new TensorflowLoweringError(`${tf.origin}: ${(cause as Error).message}`, { cause })
    }
    for (const [index, value] of node.outputs.entries()) slots.set(value.id, outputs[index] as Slot)
  }
  return tf.finish(graph.outputs.map(({ name, value }) => ({ name, slot: slot(value) })))
}
