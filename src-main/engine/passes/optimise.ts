import type { Graph } from '../ir.ts'
import { shareCommonSubexpressions } from './common-subexpressions.ts'
import { foldConstants } from './constant-folding.ts'
import { foldConvolutionBias } from './convolution-bias.ts'
import { eliminateDeadCode } from './dead-code.ts'
import { fuseCompositions } from './fusions/fusions.ts'
import { chooseLayouts } from './layout.ts'
import { simplify } from './simplify.ts'

/** All passes, in the order in which they help each other. */
export const optimise = (graph: Graph): Graph =>
  [
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
    chooseLayouts,
    shareCommonSubexpressions,
    foldConvolutionBias,
    eliminateDeadCode,
  ].reduce((current, pass) => pass(current), graph)
