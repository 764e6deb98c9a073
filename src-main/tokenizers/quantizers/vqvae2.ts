import { straightThrough } from '../../engine/gradients.ts'
import type { ParameterSpecs } from '../../engine/initialise.ts'
import { type Parameters, prefixed } from '../../engine/parameters.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import { convolution, convolutionSpecs, residualBlock, residualBlockSpecs, upsample } from '../layers.ts'
import type { Assigned, Quantizer, Search } from './quantizer.ts'
import { commitmentLoss, inOneCodebook, lookUp } from './search.ts'

/**
 * VQ-VAE-2 (Razavi et al. 2019, algorithm 1). The encoder gives the finest features; each coarser level is encoded from
 * the one below it by a convolution of stride 2 and residual blocks. Quantizing begins at the coarsest. Every further level
 * quantizes its features together with what is decoded of the level above, so that it need hold only what that lacks.
 * The decoder reads all levels side by side, the coarser ones enlarged.
 *
 * The commitment loss is the sum over levels of the mean of (z_l − sg[q_l])², as there.
 */
export interface Vqvae2Shape {
  /** n */
  width: number
  levels: number
  /** Of all maps between the 1×1 adapters to and from a code's width. */
  channels: number
  residualBlocks: number
  groups: number
}

export function vqvae2(
  { width, levels, channels, residualBlocks, groups }: Vqvae2Shape,
  search: Search = inOneCodebook,
): Quantizer {
  const coarser = levels - 1
  const indices = Array.from({ length: levels }, (_, level) => level)

  const specs: ParameterSpecs = {}
  const add = (name: string, part: ParameterSpecs) => Object.assign(specs, prefixed(part, name))
  for (const level of indices) {
    if (level < coarser) {
      add(`shrink${level}`, convolutionSpecs(3, channels, channels))
      for (let block = 0; block < residualBlocks; block++) {
        add(`encode${level}.res${block}`, residualBlockSpecs(channels, channels))
        add(`decode${level}.res${block}`, residualBlockSpecs(channels, channels))
      }
      add(`decode${level}.conv`, convolutionSpecs(3, channels, channels))
      for (let time = 0; time < coarser - level; time++)
        add(`enlarge${level}.conv${time}`, convolutionSpecs(3, channels, channels))
    }
    if (level > 0 && level < coarser) add(`decode${level}.join`, convolutionSpecs(1, 2 * channels, channels))
    add(`widen${level}`, convolutionSpecs(1, level === 0 ? channels : 2 * channels, width))
    add(`narrow${level}`, convolutionSpecs(1, width, channels))
  }

  const blocks = (parameters: Parameters, name: string, x: Tensor): Tensor => {
    let y = x
    for (let block = 0; block < residualBlocks; block++) y = residualBlock(parameters, `${name}.res${block}`, y, groups)
    return y
  }
  /** Features of each level, coarse first. */
  const encodeAll = (parameters: Parameters, h: Tensor): Tensor[] => {
    const features = [h]
    for (let level = coarser - 1; level >= 0; level--) {
      const smaller = convolution(parameters, `shrink${level}`, features[0] as Tensor, 2)
      features.unshift(blocks(parameters, `encode${level}`, smaller))
    }
    return features
  }
  /** What the next finer level is told: the narrowed codes of a level and what that level was told, at twice the side. */
  const tell = (parameters: Parameters, level: number, codes: Tensor, told: Tensor | null): Tensor => {
    const joined = told ? convolution(parameters, `decode${level}.join`, tf.concat([codes, told], 3)) : codes
    return convolution(parameters, `decode${level}.conv`, upsample(blocks(parameters, `decode${level}`, joined)))
  }
  /** All levels at the finest side, side by side. @param narrowed codes of each level, of `channels` channels */
  const join = (parameters: Parameters, narrowed: Tensor[]): Tensor =>
    tf.concat(
      narrowed.map((map, level) => {
        let y = map
        for (let time = 0; time < coarser - level; time++)
          y = convolution(parameters, `enlarge${level}.conv${time}`, upsample(y))
        return y
      }),
      3,
    )

  return {
    encoderFeatures: channels,
    decoderFeatures: levels * channels,
    specs,
    quantize(parameters, h, codebook) {
      const features = encodeAll(parameters, h)
      const found: Assigned[] = []
      const commitments: Tensor[] = []
      let told: Tensor | null = null
      const narrowed = indices.map((level) => {
        const map = features[level] as Tensor
        const z = convolution(parameters, `widen${level}`, told ? tf.concat([map, told], 3) : map)
        const assigned = search(z, codebook, level)
        found.push(assigned)
        commitments.push(commitmentLoss(z, assigned.vectors))
        const codes = convolution(parameters, `narrow${level}`, straightThrough(z, assigned.vectors))
        if (level < coarser) told = tell(parameters, level, codes, told)
        return codes
      })
      return {
        quantized: join(parameters, narrowed),
        codes: found.map(({ codes }) => codes),
        commitment: tf.addN(commitments) as tf.Scalar,
        assignments: found.map(({ assignment }) => assignment),
      }
    },
    embed: (parameters, codes, codebook) =>
      join(
        parameters,
        codes.map((map, level) => convolution(parameters, `narrow${level}`, lookUp(codebook, map))),
      ),
  }
}
