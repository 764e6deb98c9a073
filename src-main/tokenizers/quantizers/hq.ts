import type { TokenizerConfig } from '../../../src-shared/config.ts'
import { straightThrough } from '../../engine/gradients.ts'
import type { ParameterSpecs } from '../../engine/initialise.ts'
import { branch, type Parameters, prefixed } from '../../engine/parameters.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import { convolution, convolutionSpecs } from '../layers.ts'
import type { Assigned, Quantizer, Search } from './quantizer.ts'
import { resamplings } from './resampling.ts'
import { commitmentLoss, inOneCodebook, lookUp } from './search.ts'

/**
 * Hierarchical quantization (You et al. 2022) by one codebook for all levels (FIELD 2), or by one each: the encoder's map
 * is brought down to the coarsest side and quantized; what that leaves over of the map is brought to the next side and
 * quantized, and so on to the finest; the decoder reads all levels at the finest side, fused by a 1×1 convolution.
 * Where a level's map has not the width of a code, a 1×1 convolution brings it there before the search, and another back.
 */
export interface HierarchicalShape {
  /** n. shuffle: divisible by 4^(levels − 1) */
  width: number
  levels: number
  resampling: TokenizerConfig['resampling']
}

/** One level: its parameters by name, and how far it lies below the finest map. */
interface Level {
  /** Before the names of its parameters; '' for the finest, which has none of a resampling. */
  prefix: string
  halvings: number
  /** Channels of its map before the adapter. */
  channels: number
}

export function hq(shape: HierarchicalShape, search: Search = inOneCodebook): Quantizer {
  const { width, levels: count } = shape
  const resampling = resamplings[shape.resampling]
  const finest = resampling.finest(width, count)
  const levels = Array.from({ length: count }, (_, index): Level => {
    const halvings = count - 1 - index
    const prefix = halvings === 0 ? '' : `level${index}.`
    return { prefix, halvings, channels: resampling.after(finest, halvings) }
  })
  const own = (parameters: Parameters, { prefix }: Level): Parameters =>
    prefix === '' ? parameters : branch(parameters, prefix.slice(0, -1))

  const toCode = (parameters: Parameters, level: Level, map: Tensor): Tensor => {
    const down = resampling.down(own(parameters, level), map, level.halvings)
    return level.channels === width ? down : convolution(own(parameters, level), 'up', down)
  }
  const fromCode = (parameters: Parameters, level: Level, vectors: Tensor): Tensor => {
    const map = level.channels === width ? vectors : convolution(own(parameters, level), 'down', vectors)
    return resampling.up(own(parameters, level), map, level.halvings)
  }
  const fuse = (parameters: Parameters, maps: Tensor[]): Tensor => convolution(parameters, 'post', tf.concat(maps, 3))

  const specs: ParameterSpecs = prefixed(convolutionSpecs(1, count * finest, finest), 'post')
  for (const { prefix, halvings, channels } of levels) {
    const adapters =
      channels === width
        ? {}
        : {
            ...prefixed(convolutionSpecs(1, channels, width), 'up'),
            ...prefixed(convolutionSpecs(1, width, channels), 'down'),
          }
    for (const [name, spec] of Object.entries({ ...adapters, ...resampling.specs(finest, halvings) }))
      specs[prefix + name] = spec
  }

  return {
    encoderFeatures: finest,
    decoderFeatures: finest,
    specs,
    quantize(parameters, h, codebook) {
      let residual = h
      const found: Assigned[] = []
      const commitments: Tensor[] = []
      const maps = levels.map((level, index) => {
        const map = toCode(parameters, level, residual)
        const assigned = search(map, codebook, index)
        found.push(assigned)
        commitments.push(commitmentLoss(map, assigned.vectors))
        // The residual takes the code itself: through a straight-through one the encoder would lose its gradient here.
        if (level.halvings > 0) residual = tf.sub(residual, fromCode(parameters, level, assigned.vectors))
        return fromCode(parameters, level, straightThrough(map, assigned.vectors))
      })
      return {
        quantized: fuse(parameters, maps),
        codes: found.map(({ codes }) => codes),
        commitment: tf.div(tf.addN(commitments), count) as tf.Scalar,
        assignments: found.map(({ assignment }) => assignment),
      }
    },
    embed: (parameters, codes, codebook) =>
      fuse(
        parameters,
        levels.map((level, index) => fromCode(parameters, level, lookUp(codebook, codes[index] as Tensor))),
      ),
  }
}
