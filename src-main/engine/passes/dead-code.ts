import type { Graph } from '../ir.ts'

/** Drops every node and constant that no output depends on. Inputs stay: they are the caller's. */
export function eliminateDeadCode(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ value }) => value.id))
  const nodes = graph.nodes
    .toReversed()
    .filter((node) => {
      if (!node.outputs.some((value) => needed.has(value.id))) return false
      for (const value of node.inputs) needed.add(value.id)
      return true
    })
    .reverse()
  return { ...graph, nodes, constants: graph.constants.filter(({ value }) => needed.has(value.id)) }
}
