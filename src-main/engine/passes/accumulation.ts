import { type Graph, type Node, nextId, type Value, ValueFactory } from '../ir.ts'
import { STATE_PREFIX } from '../runtimes/runtime.ts'

/** Prefix of the state entries that hold what has been added up. */
export const ACCUMULATED_PREFIX = 'accumulated.'
/** Input of the update graph: number of micro-batches, float32 scalar. */
export const MICRO_BATCHES = 'microBatches'

export interface SplitStep {
  /** For each micro-batch: adds its marked values to the state, and gives the outputs that are its own. */
  accumulate: Graph
  /** Once afterwards: the outputs that depend on marked values, from what was added up, which it clears. */
  update: Graph
  /** The marked values by name. */
  accumulators: Record<string, Value>
}

/**
 * Cuts one traced step at its marked values (`accumulated`) into a part for each micro-batch and an update.
 * @param perBatch names of the inputs that differ between micro-batches; all others belong to the step as a whole
 * @throws Error if nothing is marked, a name is used twice, an output needs a micro-batch and the accumulated values
 *   alike, or a micro-batch by itself would replace an entry of the state
 */
export function splitAccumulation(graph: Graph, perBatch: readonly string[]): SplitStep {
  const marks = graph.nodes.filter(({ kernel }) => kernel === 'Accumulated')
  if (marks.length === 0)
    throw new Error('the step marks nothing as accumulated; pass its gradients through accumulated(name, gradient)')
  const accumulators: Record<string, Value> = {}
  for (const mark of marks) {
    const name = nameOf(mark)
    if (name in accumulators) throw new Error(`"${name}" is accumulated twice; each marked value needs its own name`)
    accumulators[name] = mark.outputs[0] as Value
  }
  const reach = reachOf(graph, perBatch)
  const own: Graph['outputs'] = []
  const joint: Graph['outputs'] = []
  for (const output of graph.outputs) {
    const { fromMark, fromBatch } = reach(output.value)
    if (fromMark && fromBatch)
      throw new Error(
        `output "${output.name}" needs a micro-batch and accumulated values at once; mark what it takes from the batch as accumulated too`,
      )
    if (fromBatch && output.name.startsWith(STATE_PREFIX))
      throw new Error(
        `"${output.name}" would be replaced by each micro-batch; mark what it is computed from as accumulated`,
      )
    ;(fromBatch ? own : joint).push(output)
  }
  return { accumulate: accumulateGraph(graph, marks, own), update: updateGraph(graph, marks, joint), accumulators }
}

const nameOf = (mark: Node): string => String(mark.attributes.name)

interface Reach {
  fromMark: boolean
  fromBatch: boolean
}

/** Whether a value depends on a marked one, and whether it does on a micro-batch other than through a marked one. */
function reachOf(graph: Graph, perBatch: readonly string[]): (value: Value) => Reach {
  const batch = new Set(perBatch)
  const known = new Map<number, Reach>()
  const of = (value: Value): Reach => known.get(value.id) ?? { fromMark: false, fromBatch: false }
  for (const { name, value } of graph.inputs) known.set(value.id, { fromMark: false, fromBatch: batch.has(name) })
  for (const node of graph.nodes) {
    const parts = node.inputs.map(of)
    if (node.kernel === 'Accumulated' && parts.some(({ fromMark }) => fromMark))
      throw new Error(`"${nameOf(node)}" depends on another accumulated value; mark one of the two`)
    const reach =
      node.kernel === 'Accumulated'
        ? { fromMark: true, fromBatch: false }
        : { fromMark: parts.some(({ fromMark }) => fromMark), fromBatch: parts.some(({ fromBatch }) => fromBatch) }
    for (const value of node.outputs) known.set(value.id, reach)
  }
  return of
}

/** Nodes and inputs that some values need, found backwards; marked values end the search where asked. */
function needed(graph: Graph, outputs: Graph['outputs'], stopAtMarks: boolean): Graph {
  const ids = new Set(outputs.map(({ value }) => value.id))
  const nodes = graph.nodes
    .toReversed()
    .filter((node) => {
      if (!node.outputs.some(({ id }) => ids.has(id)) || (stopAtMarks && node.kernel === 'Accumulated')) return false
      for (const { id } of node.inputs) ids.add(id)
      return true
    })
    .reverse()
  return {
    inputs: graph.inputs.filter(({ value }) => ids.has(value.id)),
    constants: graph.constants.filter(({ value }) => ids.has(value.id)),
    nodes,
    outputs,
  }
}

function accumulateGraph(graph: Graph, marks: readonly Node[], own: Graph['outputs']): Graph {
  const values = new ValueFactory(nextId(graph))
  const sums = marks.map((mark) => {
    const [x] = mark.inputs as [Value]
    const [before, after] = [values.create(x.shape, x.dtype), values.create(x.shape, x.dtype)]
    const node: Node = { kernel: 'Add', inputs: [before, x], attributes: {}, outputs: [after], source: mark.source }
    return { name: ACCUMULATED_PREFIX + nameOf(mark), x, before, after, node }
  })
  const wanted = [...own, ...sums.map(({ name, x }) => ({ name, value: x }))]
  const part = needed(graph, wanted, false)
  return {
    ...part,
    inputs: [...part.inputs, ...sums.map(({ name, before }) => ({ name, value: before }))],
    nodes: [...part.nodes, ...sums.map(({ node }) => node)],
    outputs: [...own, ...sums.map(({ name, after }) => ({ name: STATE_PREFIX + name, value: after }))],
  }
}

function updateGraph(graph: Graph, marks: readonly Node[], joint: Graph['outputs']): Graph {
  const values = new ValueFactory(nextId(graph))
  const count = values.create([], 'float32')
  const part = needed(graph, joint, true)
  const read = marks.map((mark) => {
    const [value] = mark.outputs as [Value]
    const name = ACCUMULATED_PREFIX + nameOf(mark)
    const zero = values.create(value.shape, value.dtype)
    const fill = { shape: value.shape, value: 0, dtype: value.dtype }
    const cleared: Node = { kernel: 'Fill', inputs: [], attributes: fill, outputs: [zero], source: mark.source }
    if (mark.attributes.by === 'sum') return { name, entry: value, divided: [], cleared, zero }
    const entry = values.create(value.shape, value.dtype)
    const divide: Node = {
      kernel: 'RealDiv',
      inputs: [entry, count],
      attributes: {},
      outputs: [value],
      source: mark.source,
    }
    return { name, entry, divided: [divide], cleared, zero }
  })
  return {
    ...part,
    inputs: [
      ...part.inputs,
      ...read.map(({ name, entry }) => ({ name, value: entry })),
      { name: MICRO_BATCHES, value: count },
    ],
    nodes: [...read.flatMap(({ divided }) => divided), ...part.nodes, ...read.map(({ cleared }) => cleared)],
    outputs: [...joint, ...read.map(({ name, zero }) => ({ name: STATE_PREFIX + name, value: zero }))],
  }
}
