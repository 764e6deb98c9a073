import type { Graph } from '../ir.ts'
import { shareCommonSubexpressions } from './common-subexpressions.ts'
import { foldConstants } from './constant-folding.ts'
import { foldConvolutionBias } from './convolution-bias.ts'
import { eliminateDeadCode } from './dead-code.ts'
import { fuseCompositions } from './fusions/fusions.ts'
import { chooseLayouts } from './layout.ts'
import { simplify } from './simplify.ts'

type Pass = (graph: Graph) => Graph
const inOrder =
  (...passes: Pass[]): Pass =>
  (graph) =>
    passes.reduce((current, pass) => pass(current), graph)

/** The passes that help any runtime, in the order in which they help each other. */
export const reduce: Pass = inOrder(
  eliminateDeadCode,
  simplify,
  shareCommonSubexpressions,
  foldConstants,
  // What has become constant may be a neutral number now.
  simplify,
  eliminateDeadCode,
  shareCommonSubexpressions,
  fuseCompositions,
  eliminateDeadCode,
)

/** All passes, with those that suit a graph to onnxruntime. */
export const optimise: Pass = inOrder(
  reduce,
  chooseLayouts,
  shareCommonSubexpressions,
  foldConvolutionBias,
  eliminateDeadCode,
)
