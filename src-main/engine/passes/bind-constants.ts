import type { Graph } from '../ir.ts'
import { checkInput, type HostTensor } from '../runtimes/runtime.ts'

/** Turns the named inputs into constants, so that a graph carries its weights. @throws Error for a value of another shape */
export function bindConstants(graph: Graph, values: Readonly<Record<string, HostTensor>>): Graph {
  const bound = graph.inputs.filter(({ name }) => name in values)
  return {
    ...graph,
    inputs: graph.inputs.filter(({ name }) => !(name in values)),
    constants: [
      ...graph.constants,
      ...bound.map(({ name, value }) => ({
        value,
        data: checkInput(name, values[name], value.shape, value.dtype).data,
      })),
    ],
  }
}
