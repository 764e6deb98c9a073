import { gaussian, ones, type ParameterSpecs, zeros } from '../engine/initialise.ts'
import type { Padding } from '../engine/kernels.ts'
import { type Parameters, parameter } from '../engine/parameters.ts'
import { type Tensor, tf } from '../engine/tf.ts'

/**
 * The patch discriminator (Isola et al. 2017, as VQGAN uses it): 4 × 4 convolutions that say of each overlapping patch
 * whether it is of a real picture. Maps are NHWC, kernels HWIO.
 */
export interface DiscriminatorShape {
  /** Channels after the first convolution; they double layer by layer, up to eight times as many. */
  ndf: number
  /** Layers that halve the map. */
  layers: number
}

/** Whether batch normalisation takes its statistics from the batch, or from the running averages. */
export type NormMode = 'train' | 'eval'

/** Running mean and variance of each normalised layer, by name; they are state, not parameters. */
export type RunningStatistics = Parameters

const LEAK = 0.2
const KERNEL = 4
/** Standard deviation of fresh kernels (Radford et al. 2015). */
const DEVIATION = 0.02
const NORM_EPSILON = 1e-5
/** Share of the old running average that an update keeps. */
const MOMENTUM = 0.9

const channelsAfter = ({ ndf, layers }: DiscriminatorShape, layer: number): number =>
  layer > layers ? 1 : ndf * Math.min(2 ** layer, 8)
/** The last two convolutions keep the map nearly as large as it is; the others halve it. */
const strideOf = ({ layers }: DiscriminatorShape, layer: number): number => (layer < layers ? 2 : 1)
const isNormalised = ({ layers }: DiscriminatorShape, layer: number): boolean => layer > 0 && layer <= layers

export function discriminatorSpecs(shape: DiscriminatorShape): ParameterSpecs {
  const specs: ParameterSpecs = {}
  for (let layer = 0; layer <= shape.layers + 1; layer++) {
    const [from, to] = [layer === 0 ? 3 : channelsAfter(shape, layer - 1), channelsAfter(shape, layer)]
    specs[`conv${layer}.kernel`] = gaussian(DEVIATION, KERNEL, KERNEL, from, to)
    if (isNormalised(shape, layer)) {
      specs[`norm${layer}.scale`] = ones(to)
      specs[`norm${layer}.offset`] = zeros(to)
    } else specs[`conv${layer}.bias`] = zeros(to)
  }
  return specs
}

/** Running statistics before the first update: mean 0, variance 1. */
export function runningSpecs(shape: DiscriminatorShape): ParameterSpecs {
  const specs: ParameterSpecs = {}
  for (let layer = 1; layer <= shape.layers; layer++) {
    specs[`norm${layer}.running_mean`] = zeros(channelsAfter(shape, layer))
    specs[`norm${layer}.running_var`] = ones(channelsAfter(shape, layer))
  }
  return specs
}

/** Side of the map of logits for pictures of a given side; 0 or less if they are too small. */
export function logitSide(shape: DiscriminatorShape, side: number): number {
  let here = side
  for (let layer = 0; layer <= shape.layers + 1; layer++)
    here = here < 2 ? 0 : Math.floor((here + 2 - KERNEL) / strideOf(shape, layer)) + 1
  return here
}

/**
 * @param images [B, S, S, 3]
 * @param running what the last call returned, or `runningSpecs`; in train mode it is updated, in eval mode it is used
 * @returns logits [B, s, s, 1], above 0 for "real"; and the running statistics after this call
 * @throws Error for pictures that are too small for so many layers
 */
export function discriminate(
  parameters: Parameters,
  running: RunningStatistics,
  images: Tensor,
  shape: DiscriminatorShape,
  mode: NormMode,
): { logits: tf.Tensor4D; running: Record<string, Tensor> } {
  const [, height, width] = images.shape as [number, number, number]
  if (logitSide(shape, Math.min(height, width)) < 1)
    throw new Error(
      `pictures of ${height} × ${width} are too small for a discriminator of ${shape.layers} layers; use larger ones or fewer layers`,
    )
  const next: Record<string, Tensor> = {}
  let x = images as tf.Tensor4D
  for (let layer = 0; layer <= shape.layers + 1; layer++) {
    const kernel = parameter(parameters, `conv${layer}.kernel`) as tf.Tensor4D
    x = tf.conv2d(x, kernel, strideOf(shape, layer), PADDED_BY_ONE)
    if (isNormalised(shape, layer)) {
      const normalised = batchNorm(parameters, running, `norm${layer}`, x, mode)
      x = normalised.y
      Object.assign(next, normalised.running)
    } else x = tf.add(x, parameter(parameters, `conv${layer}.bias`))
    if (layer <= shape.layers) x = tf.leakyRelu(x, LEAK)
  }
  return { logits: x, running: next }
}

const PADDED_BY_ONE: Padding = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
]

/**
 * Batch normalisation (Ioffe & Szegedy 2015) over batch, height and width. The batch is normalised by its biased
 * variance, the running variance takes the unbiased one.
 */
function batchNorm(
  parameters: Parameters,
  running: RunningStatistics,
  name: string,
  x: tf.Tensor4D,
  mode: NormMode,
): { y: tf.Tensor4D; running: Record<string, Tensor> } {
  const scale = parameter(parameters, `${name}.scale`)
  const offset = parameter(parameters, `${name}.offset`)
  const [oldMean, oldVariance] = [parameter(running, `${name}.running_mean`), parameter(running, `${name}.running_var`)]
  const normalise = (centred: Tensor, variance: Tensor) =>
    tf.add(tf.mul(centred, tf.mul(scale, tf.rsqrt(tf.add(variance, NORM_EPSILON)))), offset) as tf.Tensor4D
  if (mode === 'eval')
    return {
      y: normalise(tf.sub(x, oldMean), oldVariance),
      running: { [`${name}.running_mean`]: oldMean, [`${name}.running_var`]: oldVariance },
    }
  // At least 4: the last convolution leaves nothing of a smaller map.
  const count = x.size / (x.shape[3] as number)
  const mean = tf.mean(x, [0, 1, 2])
  const centred = tf.sub(x, mean)
  const variance = tf.mean(tf.square(centred), [0, 1, 2])
  const unbiased = tf.mul(variance, count / (count - 1))
  return {
    y: normalise(centred, variance),
    running: {
      [`${name}.running_mean`]: moved(oldMean, mean),
      [`${name}.running_var`]: moved(oldVariance, unbiased),
    },
  }
}

const moved = (old: Tensor, fresh: Tensor): Tensor => tf.add(tf.mul(old, MOMENTUM), tf.mul(fresh, 1 - MOMENTUM))
