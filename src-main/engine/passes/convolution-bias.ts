import type { Graph, Node, Value } from '../ir.ts'

const withBias = new Set(['Conv2D', 'DepthwiseConv2dNative'])

/**
 * Folds the bias into the convolution: Add(Conv2D(x, filter), Reshape(bias [C] → [1, C, 1, 1])) becomes
 * Conv2D(x, filter, bias) where nothing else reads the convolution's own output. Runs after the layout pass.
 */
export function foldConvolutionBias(graph: Graph): Graph {
  const producers = new Map<number, Node>()
  const uses = new Map<number, number>()
  for (const node of graph.nodes) {
    for (const value of node.outputs) producers.set(value.id, node)
    for (const value of node.inputs) uses.set(value.id, (uses.get(value.id) ?? 0) + 1)
  }
  for (const { value } of graph.outputs) uses.set(value.id, (uses.get(value.id) ?? 0) + 1)

  const folded = new Set<Node>()
  const nodes = graph.nodes.map((node) => {
    if (node.kernel !== 'Add') return node
    for (const [map, other] of [node.inputs, node.inputs.toReversed()] as [Value, Value][]) {
      const convolution = producers.get(map.id)
      const reshape = producers.get(other.id)
      const bias = reshape?.inputs[0]
      if (!convolution || !withBias.has(convolution.kernel)) continue
      if (convolution.inputs.length !== 2 || uses.get(map.id) !== 1) continue
      if (reshape?.kernel !== 'Reshape' || bias?.shape.length !== 1 || bias.shape[0] !== map.shape[1]) continue
      folded.add(convolution)
      return { ...convolution, inputs: [...convolution.inputs, bias], outputs: node.outputs }
    }
    return node
  })
  return { ...graph, nodes: nodes.filter((node) => !folded.has(node)) }
}
