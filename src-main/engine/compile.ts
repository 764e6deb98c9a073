import type { Graph } from './ir.ts'
import { type Program, type Runtime, STATE_PREFIX, type State } from './runtimes/runtime.ts'
import { type Spec, type Traced, trace } from './trace.ts'

/**
 * Traces a step over named inputs and the whole or part of a state, and loads it into a runtime.
 * The step receives both as tensors by name, and returns outputs by name; `state:<name>` replaces a state entry.
 *
 * @param reads names of the state entries that the step may use
 * @throws Error for a name that means two things; what `trace` and the runtime throw
 */
export async function compile(
  runtime: Runtime,
  state: State,
  name: string,
  inputs: Record<string, Spec>,
  reads: readonly string[],
  step: Traced,
): Promise<Program> {
  return runtime.load(traceStep(state, name, inputs, reads, step), name, state)
}

/** The graph of a step, as `compile` and its kin load it. */
export function traceStep(
  state: State,
  name: string,
  inputs: Record<string, Spec>,
  reads: readonly string[],
  step: Traced,
): Graph {
  const specs: Record<string, Spec> = { ...inputs }
  for (const entry of reads) {
    if (entry in inputs) throw new Error(`"${entry}" is both an input of "${name}" and an entry of its state`)
    specs[entry] = state.typeOf(entry)
  }
  const graph = trace(step, specs)
  requireDistinctNames(graph, name)
  return graph
}

/** @throws Error for a name that is both an input and an output */
function requireDistinctNames(graph: Graph, name: string): void {
  const inputs = new Set(graph.inputs.map((input) => input.name))
  for (const output of graph.outputs)
    if (inputs.has(output.name))
      throw new Error(
        `"${output.name}" is both an input and an output of "${name}"; rename the output, or replace a state entry by "${STATE_PREFIX}${output.name}"`,
      )
}
