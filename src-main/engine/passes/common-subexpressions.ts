import type { Graph, Node, Value } from '../ir.ts'

/** Attributes as text, with numbers that JSON does not know (∞, NaN) told apart. */
const attributesKey = (attributes: Node['attributes']): string =>
  JSON.stringify(attributes, (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  )

/** Computes equal calls once: same kernel, same inputs, same attributes. Every kernel of the IR is pure. */
export function shareCommonSubexpressions(graph: Graph): Graph {
  const replacement = new Map<number, Value>()
  const current = (value: Value): Value => replacement.get(value.id) ?? value
  const seen = new Map<string, Value[]>()
  const constants = graph.constants.filter(({ value, data }) => {
    if (data.length > 16) return true
    const key = `constant ${value.dtype} ${value.shape} ${Array.from(data)}`
    const before = seen.get(key)
    if (before) replacement.set(value.id, before[0] as Value)
    else seen.set(key, [value])
    return !before
  })
  const nodes = graph.nodes.flatMap((node) => {
    const inputs = node.inputs.map(current)
    const types = node.outputs.map((value) => `${value.dtype}[${value.shape}]`)
    const key = `${node.kernel} ${inputs.map((value) => value.id)} ${attributesKey(node.attributes)} ${types}`
    const before = seen.get(key)
    if (before) {
      for (const [index, value] of node.outputs.entries()) replacement.set(value.id, before[index] as Value)
      return []
    }
    seen.set(key, node.outputs)
    return [{ ...node, inputs }]
  })
  return {
    ...graph,
    constants,
    nodes,
    outputs: graph.outputs.map(({ name, value }) => ({ name, value: current(value) })),
  }
}
