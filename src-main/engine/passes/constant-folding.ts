import { type Data, type Graph, type Node, sizeOf, type Value } from '../ir.ts'
import { evaluate } from '../runtimes/reference.ts'
import type { HostTensor } from '../runtimes/runtime.ts'

/** Results of more elements are left to be computed in the graph, and so are operands beyond four times that. */
const LARGEST = 4096
/** Numbers that are alike are a Fill from here on, as the tracer has it. */
const LONGEST_STORED = 16

/** Fills and broadcasts are cheaper than what they make; a barrier and a mark have a meaning beyond their value. */
const kept = new Set(['Fill', 'BroadcastTo', 'Barrier', 'Accumulated'])

/** Computes what depends on constants alone, with the kernels of the reference runtime. */
export function foldConstants(graph: Graph): Graph {
  const known = new Map<number, HostTensor>()
  for (const { value, data } of graph.constants) if (data.length <= 4 * LARGEST) known.set(value.id, { ...value, data })
  const constants = [...graph.constants]
  const nodes = graph.nodes.flatMap((node) => {
    if (node.kernel === 'Fill') {
      const [value] = node.outputs as [Value]
      if (sizeOf(value.shape) <= LARGEST) known.set(value.id, filled(value, Number(node.attributes.value)))
      return [node]
    }
    if (kept.has(node.kernel) || node.outputs.some(({ shape }) => sizeOf(shape) > LARGEST)) return [node]
    const given = node.inputs.map((value) => known.get(value.id)).filter((tensor) => tensor !== undefined)
    if (given.length < node.inputs.length) return [node]
    const results = evaluate(node, given)
    const fills: Node[] = []
    for (const [index, value] of node.outputs.entries()) {
      const { data } = results[index] as HostTensor
      known.set(value.id, { ...value, data })
      if (data.length > LONGEST_STORED && isUniform(data)) fills.push(fillNode(node, value, data[0] as number))
      else constants.push({ value, data })
    }
    return fills
  })
  return { ...graph, constants, nodes }
}

function filled({ shape, dtype }: Value, number: number): HostTensor {
  const of = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array
  return { shape, dtype, data: new of(sizeOf(shape)).fill(number) }
}

const isUniform = (data: Data): boolean => data.every((element) => Object.is(element, data[0]))

const fillNode = ({ source }: Node, value: Value, number: number): Node => ({
  kernel: 'Fill',
  inputs: [],
  attributes: { shape: value.shape, value: number, dtype: value.dtype },
  outputs: [value],
  source,
})
