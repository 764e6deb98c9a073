import type { TokenizerConfig } from '../../../src-shared/config.ts'
import type { ParameterSpecs } from '../../engine/initialise.ts'
import { type Parameters, prefixed } from '../../engine/parameters.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import { convolution, convolutionSpecs, pixelShuffle, pixelUnshuffle, upsample } from '../layers.ts'

/** How the maps of a hierarchy go to a coarser level and back. Maps are NHWC; a halving halves both sides. */
export interface Resampling {
  /** Channels of the finest map, so that the coarsest of `levels` levels has codes of width n without an adapter. */
  finest(width: number, levels: number): number
  /** Channels of what a finest map of `finest` channels becomes after so many halvings. */
  after(finest: number, halvings: number): number
  /** Parameters of one level's way down and back up. */
  specs(finest: number, halvings: number): ParameterSpecs
  down(parameters: Parameters, x: Tensor, halvings: number): Tensor
  up(parameters: Parameters, x: Tensor, halvings: number): Tensor
}

const repeated = (x: Tensor, times: number, step: (x: Tensor, time: number) => Tensor): Tensor => {
  let y = x
  for (let time = 0; time < times; time++) y = step(y, time)
  return y
}

/** Pixels go into channels and back: nothing is lost and nothing is learned. */
const shuffle: Resampling = {
  finest: (width, levels) => width / 4 ** (levels - 1),
  after: (finest, halvings) => finest * 4 ** halvings,
  specs: () => ({}),
  down: (_, x, halvings) => repeated(x, halvings, pixelUnshuffle),
  up: (_, x, halvings) => repeated(x, halvings, pixelShuffle),
}

/** The mean of each block down, the nearest pixel up. */
const pool: Resampling = {
  finest: (width) => width,
  after: (finest) => finest,
  specs: () => ({}),
  down: (_, x, halvings) => repeated(x, halvings, averagePool),
  up: (_, x, halvings) => repeated(x, halvings, upsample),
}

/** Convolutions of stride 2 down; the nearest pixel and a convolution up, which has no checkerboard of a transposed one. */
const strided: Resampling = {
  finest: (width) => width,
  after: (finest) => finest,
  specs: (finest, halvings) => {
    const specs: ParameterSpecs = {}
    for (let time = 0; time < halvings; time++)
      for (const way of ['shrink', 'enlarge'])
        Object.assign(specs, prefixed(convolutionSpecs(3, finest, finest), `${way}${time}`))
    return specs
  },
  down: (parameters, x, halvings) => repeated(x, halvings, (y, time) => convolution(parameters, `shrink${time}`, y, 2)),
  up: (parameters, x, halvings) =>
    repeated(x, halvings, (y, time) => convolution(parameters, `enlarge${time}`, upsample(y))),
}

export const resamplings: Record<TokenizerConfig['resampling'], Resampling> = { shuffle, pool, strided }

/** [B, 2h, 2w, C] → [B, h, w, C], the mean of each 2 × 2 block. */
function averagePool(x: Tensor): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  return tf.mean(tf.reshape(x, [batch, height / 2, 2, width / 2, 2, channels]), [2, 4])
}
