import type { TokenizerConfig } from '../../src-shared/config.ts'
import type { ParameterSpecs } from '../engine/initialise.ts'
import { type Parameters, parameter, prefixed } from '../engine/parameters.ts'
import { type Tensor, tf } from '../engine/tf.ts'
import {
  activate,
  attention,
  attentionSpecs,
  convolution,
  convolutionSpecs,
  normSpecs,
  residualBlock,
  residualBlockSpecs,
  upsample,
} from './layers.ts'

type Shape = Pick<TokenizerConfig, 'channels' | 'residualBlocks' | 'groups' | 'attention'>

const last = (channels: readonly number[]): number => channels.at(-1) as number

/** Parameters of an encoder from RGB to `features` channels. */
export function encoderSpecs(
  { channels, residualBlocks, attention: attends }: Shape,
  features: number,
): ParameterSpecs {
  const specs: ParameterSpecs = prefixed(convolutionSpecs(3, 3, channels[0] as number), 'conv_in')
  for (const [level, width] of channels.entries()) {
    if (level > 0)
      Object.assign(specs, prefixed(convolutionSpecs(3, channels[level - 1] as number, width), `down${level}`))
    for (let block = 0; block < residualBlocks; block++)
      Object.assign(specs, prefixed(residualBlockSpecs(width, width), `level${level}.res${block}`))
  }
  if (attends) Object.assign(specs, prefixed(attentionSpecs(last(channels)), 'attention'))
  return {
    ...specs,
    ...prefixed(normSpecs(last(channels)), 'norm_out'),
    ...prefixed(convolutionSpecs(1, last(channels), features), 'conv_out'),
  }
}

/** @param images [B, S, S, 3] in [−1, 1] @returns [B, S / 2^(levels − 1), …, features] */
export function encode(
  parameters: Parameters,
  images: Tensor,
  { channels, residualBlocks, groups, attention: attends }: Shape,
): Tensor {
  let x: Tensor = convolution(parameters, 'conv_in', images)
  for (const level of channels.keys()) {
    if (level > 0) x = convolution(parameters, `down${level}`, x, 2)
    for (let block = 0; block < residualBlocks; block++)
      x = residualBlock(parameters, `level${level}.res${block}`, x, groups)
  }
  if (attends) x = attention(parameters, 'attention', x, groups)
  return convolution(parameters, 'conv_out', activate(parameters, 'norm_out', x, groups))
}

/** Parameters of a decoder from `features` channels to RGB. */
export function decoderSpecs(
  { channels, residualBlocks, attention: attends }: Shape,
  features: number,
): ParameterSpecs {
  const specs: ParameterSpecs = prefixed(convolutionSpecs(3, features, last(channels)), 'conv_in')
  if (attends) Object.assign(specs, prefixed(attentionSpecs(last(channels)), 'attention'))
  for (const [level, width] of [...channels.entries()].reverse()) {
    for (let block = 0; block < residualBlocks; block++)
      Object.assign(specs, prefixed(residualBlockSpecs(width, width), `level${level}.res${block}`))
    if (level > 0)
      Object.assign(specs, prefixed(convolutionSpecs(3, width, channels[level - 1] as number), `up${level}`))
  }
  const first = channels[0] as number
  return { ...specs, ...prefixed(normSpecs(first), 'norm_out'), ...prefixed(convolutionSpecs(3, first, 3), 'conv_out') }
}

/** The layer that paints: what an adaptive adversarial weight is measured at. */
export interface LastLayer {
  kernel: Tensor
  /** Pictures [B, S, S, 3], about [−1, 1] and not clipped, as a function of the kernel alone. */
  paint(kernel: Tensor): Tensor
}

/** @param codes [B, h, w, features] @returns the last layer, for pictures of side h · 2^(levels − 1) */
export function decodeToLastLayer(
  parameters: Parameters,
  codes: Tensor,
  { channels, residualBlocks, groups, attention: attends }: Shape,
): LastLayer {
  let x: Tensor = convolution(parameters, 'conv_in', codes)
  if (attends) x = attention(parameters, 'attention', x, groups)
  for (const level of [...channels.keys()].reverse()) {
    for (let block = 0; block < residualBlocks; block++)
      x = residualBlock(parameters, `level${level}.res${block}`, x, groups)
    if (level > 0) x = convolution(parameters, `up${level}`, upsample(x))
  }
  const features = activate(parameters, 'norm_out', x, groups)
  return {
    kernel: parameter(parameters, 'conv_out.kernel'),
    paint: (kernel) =>
      tf.add(tf.conv2d(features, kernel as tf.Tensor4D, 1, 'same'), parameter(parameters, 'conv_out.bias')),
  }
}
