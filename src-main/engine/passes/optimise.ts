import type { Graph } from '../ir.ts'
import { shareCommonSubexpressions } from './common-subexpressions.ts'
import { foldConstants } from './constant-folding.ts'
import { foldConvolutionBias } from './convolution-bias.ts'
import { eliminateDeadCode } from './dead-code.ts'
import { fuseCompositions } from './fusions/fusions.ts'
import { chooseLayouts } from './layout.ts'
import { simplify } from './simplify.ts'

type Pass = (graph: Graph) => Graph
const inTurn =
  (...passes: readonly Pass[]): Pass =>
  (graph) =>
    passes.reduce((current, pass) => pass(current), graph)

/** Passes that help on every runtime, in the order in which they help each other. Maps stay NHWC, as models have them. */
export const simplifyAndFuse = inTurn(
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

/** All passes, for a runtime whose own layout is NCHW. */
export const optimise = inTurn(
  simplifyAndFuse,
  chooseLayouts,
  shareCommonSubexpressions,
  foldConvolutionBias,
  eliminateDeadCode,
)
