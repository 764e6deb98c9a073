import { codeMapSides, rowsOfLayer } from '../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { PriorConfig } from '../../src-shared/prior.ts'
import type { ParameterSpecs } from '../engine/initialise.ts'
import type { Parameters } from '../engine/parameters.ts'
import type { Tensor } from '../engine/tf.ts'

/** What decides the sizes of a prior. */
export interface PriorShape
  extends Pick<PriorConfig, 'kind' | 'width' | 'layers' | 'heads' | 'feedForward' | 'depthLayers' | 'embeddings'> {
  /** Sides of the code maps, coarse first. */
  sides: readonly number[]
  /** Codes that each layer chooses from, which count from 0 in each. */
  codes: readonly number[]
  /** Classes by name; one more entry stands for no class. */
  classes: number
}

/** Codes that are drawn at once, given all that were drawn before. */
export interface Draw {
  layer: number
  /** In the map of the layer, row by row. */
  places: readonly number[]
  /** Position of the body that they are predicted at. */
  position: number
}

/**
 * What every prior is: a distribution over the code maps of a picture, as a product of distributions over its codes. Its
 * body is a stack of causal blocks (parameters `body.*`) over L positions, each of which stands for one code or a few.
 * Code maps are int32 [B, h, w] per layer, coarse first; classes are int32 [B], where `PriorShape.classes` means none.
 */
export interface Prior {
  specs: ParameterSpecs
  /** L */
  positions: number
  /** All codes of a picture, in the order in which they depend on each other; each once. */
  draws: readonly Draw[]
  /** What the body reads: at the first position the class, then the codes of the position before. @returns [B, L, width] */
  read(parameters: Parameters, codes: readonly Tensor[], classes: Tensor): Tensor
  /**
   * What the codes of some positions are predicted from. It depends on earlier draws alone, if the body's output does.
   * @param body [rows, width]: its output at these positions
   * @param at int32 [rows]: which of the B · L positions they are; without it all of them in order
   * @returns per layer [rows · n, width] for the n codes that a position has of it; a position that has none of a layer
   * stands there all the same
   */
  predict(parameters: Parameters, codes: readonly Tensor[], body: Tensor, at?: Tensor): Tensor[]
  /** What `predict` gave for all positions, in the order of the maps: per layer [B · h · w, width]. */
  arrange(predicted: readonly Tensor[]): Tensor[]
  /** @param features [rows, width] of a layer @returns logits [rows, codes of the layer] */
  logits(parameters: Parameters, layer: number, features: Tensor): Tensor
}

/** @param rows of the codebook's table @param classes how many there are by name */
export function priorShape(config: ExperimentConfig, rows: number, classes: number): PriorShape {
  const { kind, width, layers, heads, feedForward, depthLayers, embeddings } = config.prior
  const sides = codeMapSides(config)
  const codes = sides.map((_, layer) => {
    const { first, end } = rowsOfLayer(config, layer, rows)
    return end - first
  })
  return { kind, width, layers, heads, feedForward, depthLayers, embeddings, sides, codes, classes }
}
