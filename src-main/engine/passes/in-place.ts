import type { Graph } from '../ir.ts'
import { STATE_PREFIX } from '../runtimes/runtime.ts'

/** Kernel → outputs that may be written over an input, as [output, input]. */
const overwriting: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  CachedAttention: [
    [1, 3],
    [2, 4],
  ],
}

/** Entries of the state whose next value is written over the old one, because nothing else reads the old one. */
export function entriesInPlace(graph: Graph): Set<string> {
  const entries = new Set<string>()
  const names = new Map(graph.inputs.map(({ name, value }) => [value.id, name]))
  const uses = new Map<number, number>()
  for (const node of graph.nodes) for (const value of node.inputs) uses.set(value.id, (uses.get(value.id) ?? 0) + 1)
  for (const { value } of graph.outputs) uses.set(value.id, (uses.get(value.id) ?? 0) + 1)
  for (const node of graph.nodes)
    for (const [out, into] of overwriting[node.kernel] ?? []) {
      const [written, read] = [node.outputs[out], node.inputs[into]]
      const name = read && names.get(read.id)
      const replaces = graph.outputs.some(
        (output) => output.value.id === written?.id && output.name === `${STATE_PREFIX}${name}`,
      )
      if (name && replaces && uses.get(read.id) === 1) entries.add(name)
    }
  return entries
}
