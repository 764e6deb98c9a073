import { type Graph, printGraph } from '../ir.ts'
import type { Tensor } from '../tf.ts'
import { trace } from '../trace.ts'

/** What tests of passes share. */

/** Traces a function of float32 inputs of the given shapes. */
export const traced = (
  shapes: Record<string, number[]>,
  step: (inputs: Record<string, Tensor>) => Record<string, Tensor>,
): Graph => trace(step, Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])))

/** The printed graph, line by line. */
export const lines = (graph: Graph): string[] => printGraph(graph).split('\n')

/** The kernels in their order. */
export const kernels = (graph: Graph): string[] => graph.nodes.map(({ kernel }) => kernel)
