import type { Graph } from '../../ir.ts'
import { fuse } from '../matching.ts'
import { attentionFusion } from './attention.ts'
import { crossEntropyFusion, logSoftmaxFusion } from './cross-entropy.ts'
import { groupNormFusion, layerNormFusion, rmsNormFusion } from './normalisation.ts'
import { rotaryFusion } from './rotary.ts'
import { siluFusion } from './silu.ts'

/** Compositions of plain TensorFlow.js operations become operations of the engine, where nothing else reads their parts. */
export const fuseCompositions = (graph: Graph): Graph =>
  fuse(graph, [
    groupNormFusion,
    layerNormFusion,
    rmsNormFusion,
    attentionFusion,
    crossEntropyFusion,
    logSoftmaxFusion,
    rotaryFusion,
    siluFusion,
  ])
