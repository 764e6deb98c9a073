import { fanIn, ones, type ParameterSpecs, zeros } from '../engine/initialise.ts'
import { groupNorm } from '../engine/operations/group-norm.ts'
import { silu } from '../engine/operations/silu.ts'
import { type Parameters, parameter, prefixed } from '../engine/parameters.ts'
import { type Tensor, tf } from '../engine/tf.ts'

/** Layers of convolutional encoders and decoders. Maps are NHWC, kernels HWIO; each layer has its parameters' specs beside it. */
type Map4 = tf.Tensor4D

export const convolutionSpecs = (size: number, from: number, to: number): ParameterSpecs => ({
  kernel: fanIn(size * size * from, size, size, from, to),
  bias: zeros(to),
})

/** Convolution with TensorFlow's "same" padding: stride 1 pads evenly, stride 2 pads 0 before and 1 after. */
export function convolution(parameters: Parameters, name: string, x: Tensor, stride = 1): Map4 {
  const kernel = parameter(parameters, `${name}.kernel`) as Map4
  return tf.add(tf.conv2d(x as Map4, kernel, stride, 'same'), parameter(parameters, `${name}.bias`))
}

export const normSpecs = (channels: number): ParameterSpecs => ({ scale: ones(channels), offset: zeros(channels) })

const norm = (parameters: Parameters, name: string, x: Tensor, groups: number): Map4 =>
  groupNorm(x, parameter(parameters, `${name}.scale`), parameter(parameters, `${name}.offset`), groups)

/** SiLU(GroupNorm(x)). */
export const activate = (parameters: Parameters, name: string, x: Tensor, groups: number): Map4 =>
  silu(norm(parameters, name, x, groups))

export const residualBlockSpecs = (from: number, to: number): ParameterSpecs => ({
  ...prefixed(normSpecs(from), 'norm0'),
  ...prefixed(convolutionSpecs(3, from, to), 'conv0'),
  ...prefixed(normSpecs(to), 'norm1'),
  ...prefixed(convolutionSpecs(3, to, to), 'conv1'),
  ...(from === to ? {} : prefixed(convolutionSpecs(1, from, to), 'skip')),
})

/** x + conv1(SiLU(norm1(conv0(SiLU(norm0(x)))))), with a 1×1 convolution on the skip where channels change. */
export function residualBlock(parameters: Parameters, name: string, x: Tensor, groups: number): Map4 {
  const inner = convolution(parameters, `${name}.conv0`, activate(parameters, `${name}.norm0`, x, groups))
  const outer = convolution(parameters, `${name}.conv1`, activate(parameters, `${name}.norm1`, inner, groups))
  const skip = `${name}.skip.kernel` in parameters ? convolution(parameters, `${name}.skip`, x) : x
  return tf.add(skip, outer) as Map4
}

export const attentionSpecs = (channels: number): ParameterSpecs => ({
  ...prefixed(normSpecs(channels), 'norm'),
  ...prefixed(convolutionSpecs(1, channels, 3 * channels), 'qkv'),
  ...prefixed(convolutionSpecs(1, channels, channels), 'out'),
})

/** Single-head self-attention over all positions, with a residual connection. */
export function attention(parameters: Parameters, name: string, x: Tensor, groups: number): Map4 {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const qkv = convolution(parameters, `${name}.qkv`, norm(parameters, `${name}.norm`, x, groups))
  const [q, k, v] = tf.split(tf.reshape(qkv, [batch, height * width, 3 * channels]), 3, 2) as [
    tf.Tensor3D,
    tf.Tensor3D,
    tf.Tensor3D,
  ]
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(channels))
  const mixed = tf.matMul(tf.softmax(scores), v)
  return tf.add(x, convolution(parameters, `${name}.out`, tf.reshape(mixed, [batch, height, width, channels]))) as Map4
}

/** Nearest ×2: every pixel is repeated. */
export function upsample(x: Tensor): Map4 {
  const [, height, width] = x.shape as [number, number, number]
  return tf.image.resizeNearestNeighbor(x as Map4, [2 * height, 2 * width])
}

/** [B, 2h, 2w, C] → [B, h, w, 4C] in torch's channel order c·4 + dy·2 + dx. */
export function pixelUnshuffle(x: Tensor): Map4 {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const blocks = tf.reshape(x, [batch, height / 2, 2, width / 2, 2, channels])
  return tf.reshape(tf.transpose(blocks, [0, 1, 3, 5, 2, 4]), [batch, height / 2, width / 2, 4 * channels])
}

/** The inverse of pixelUnshuffle: [B, h, w, 4C] → [B, 2h, 2w, C]. */
export function pixelShuffle(x: Tensor): Map4 {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const blocks = tf.reshape(x, [batch, height, width, channels / 4, 2, 2])
  return tf.reshape(tf.transpose(blocks, [0, 1, 4, 2, 5, 3]), [batch, 2 * height, 2 * width, channels / 4])
}
