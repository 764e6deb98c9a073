import type { Graph } from '../ir.ts'
import { shareCommonSubexpressions } from './common-subexpressions.ts'
import { foldConvolutionBias } from './convolution-bias.ts'
import { eliminateDeadCode } from './dead-code.ts'
import { chooseLayouts } from './layout.ts'

/** All passes, in the order in which they help each other. */
export const optimise = (graph: Graph): Graph =>
  [
    eliminateDeadCode,
    shareCommonSubexpressions,
    chooseLayouts,
    shareCommonSubexpressions,
    foldConvolutionBias,
    eliminateDeadCode,
  ].reduce((current, pass) => pass(current), graph)
