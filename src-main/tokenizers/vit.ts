import type { VitConfig } from '../../src-shared/config.ts'
import { gaussian, ones, type ParameterSpecs, zeros } from '../engine/initialise.ts'
import { attention } from '../engine/operations/attention.ts'
import { layerNorm } from '../engine/operations/layer-norm.ts'
import { type Parameters, parameter, prefixed } from '../engine/parameters.ts'
import { type Tensor, tf } from '../engine/tf.ts'

/**
 * A vision transformer (Dosovitskiy et al. 2021) as an encoder: patches become vectors, a class token stands before them,
 * learned positions are added, pre-norm blocks follow, and the class token is dropped. As Hugging Face's ViTModel, or as
 * CLIP's vision model whose last norm, there for the class token alone, is taken on every patch.
 * Linear weights are [out, in]; of a patch the inputs go row by row, its three colours together.
 */

/** Deviation of fresh weights (Dosovitskiy et al. 2021). */
const DEVIATION = 0.02

/** Mean and deviation of pixels of 0 to 1, red, green and blue. */
export const PIXELS: Record<VitConfig['pixels'], { mean: readonly number[]; deviation: readonly number[] }> = {
  half: { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
  clip: { mean: [0.48145466, 0.4578275, 0.40821073], deviation: [0.26862954, 0.26130258, 0.27577711] },
  imagenet: { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
}

const hasClass = ({ form }: VitConfig): boolean => form !== 'plain'

/** Tokens of one picture. @param side of the pictures, in pixels */
export const vitTokens = (vit: VitConfig, side: number): number => (side / vit.patch) ** 2 + (hasClass(vit) ? 1 : 0)

const linearSpecs = (from: number, to: number): ParameterSpecs => ({
  weight: gaussian(DEVIATION, to, from),
  bias: zeros(to),
})
const normSpecs = (width: number): ParameterSpecs => ({ scale: ones(width), offset: zeros(width) })

/** Parameters of the transformer, without an adapter. @param side of the pictures, in pixels */
export function vitSpecs(vit: VitConfig, side: number): ParameterSpecs {
  const { width, layers, feedForward, patch, form } = vit
  const specs: ParameterSpecs = {
    'patch.weight': gaussian(DEVIATION, width, 3 * patch * patch),
    ...(form === 'clip' ? prefixed(normSpecs(width), 'norm_in') : { 'patch.bias': zeros(width) }),
    ...(hasClass(vit) ? { class: gaussian(DEVIATION, width) } : {}),
    positions: gaussian(DEVIATION, vitTokens(vit, side), width),
  }
  for (let layer = 0; layer < layers; layer++)
    Object.assign(
      specs,
      prefixed(normSpecs(width), `layer${layer}.norm0`),
      prefixed(linearSpecs(width, 3 * width), `layer${layer}.qkv`),
      prefixed(linearSpecs(width, width), `layer${layer}.out`),
      prefixed(normSpecs(width), `layer${layer}.norm1`),
      prefixed(linearSpecs(width, feedForward), `layer${layer}.widen`),
      prefixed(linearSpecs(feedForward, width), `layer${layer}.narrow`),
    )
  return { ...specs, ...prefixed(normSpecs(width), 'norm_out') }
}

/** @param images [B, S, S, 3] in [−1, 1] @returns [B, S/patch, S/patch, width] */
export function vitForward(parameters: Parameters, images: Tensor, vit: VitConfig): Tensor {
  const { patch, width, heads, layers, epsilon } = vit
  const [batch, side] = images.shape as [number, number]
  const cells = side / patch
  const tokens = vitTokens(vit, side)
  const norm = (name: string, x: Tensor): Tensor =>
    layerNorm(x, parameter(parameters, `${name}.scale`), parameter(parameters, `${name}.offset`), epsilon)
  const linear = (name: string, x: Tensor): Tensor => {
    const y = tf.matMul(x as tf.Tensor2D, parameter(parameters, `${name}.weight`) as tf.Tensor2D, false, true)
    const bias = parameters[`${name}.bias`]
    return bias ? tf.add(y, bias) : y
  }
  const attend = (name: string, x: Tensor): Tensor => {
    const parts = tf.split(linear(`${name}.qkv`, x), 3, 1)
    const [q, k, v] = parts.map((part) =>
      tf.transpose(tf.reshape(part, [batch, tokens, heads, width / heads]), [0, 2, 1, 3]),
    ) as [Tensor, Tensor, Tensor]
    const mixed = tf.transpose(attention(q, k, v, { causal: false }), [0, 2, 1, 3])
    return linear(`${name}.out`, tf.reshape(mixed, [batch * tokens, width]))
  }

  const vectors = tf.reshape(linear('patch', patchesOf(normalise(images, vit), patch)), [batch, cells * cells, width])
  const whole = hasClass(vit)
    ? tf.concat([tf.tile(tf.reshape(parameter(parameters, 'class'), [1, 1, width]), [batch, 1, 1]), vectors], 1)
    : vectors
  let x: Tensor = tf.reshape(tf.add(whole, parameter(parameters, 'positions')), [batch * tokens, width])
  if (vit.form === 'clip') x = norm('norm_in', x)
  for (let layer = 0; layer < layers; layer++) {
    const name = `layer${layer}`
    x = tf.add(x, attend(name, norm(`${name}.norm0`, x)))
    const inner = activations[vit.activation](linear(`${name}.widen`, norm(`${name}.norm1`, x)))
    x = tf.add(x, linear(`${name}.narrow`, inner))
  }
  const out = tf.reshape(norm('norm_out', x), [batch, tokens, width])
  const patches = hasClass(vit) ? tf.slice(out, [0, 1, 0], [batch, cells * cells, width]) : out
  return tf.reshape(patches, [batch, cells, cells, width])
}

/** x Φ(x), by the error function (Hendrycks & Gimpel 2016). */
export const gelu = (x: Tensor): Tensor => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))

const activations: Record<VitConfig['activation'], (x: Tensor) => Tensor> = {
  // x · Φ(x) (Hendrycks & Gimpel 2016), exactly and by a sigmoid.
  gelu,
  'quick-gelu': (x) => tf.mul(x, tf.sigmoid(tf.mul(x, 1.702))),
}

/** From [−1, 1] to what the model was trained on. */
function normalise(images: Tensor, { pixels }: VitConfig): Tensor {
  const { mean, deviation } = PIXELS[pixels]
  if (pixels === 'half') return images
  const scale = deviation.map((value) => 0.5 / value)
  const offset = deviation.map((value, colour) => (0.5 - (mean[colour] as number)) / value)
  return tf.add(tf.mul(images, tf.tensor(Float32Array.from(scale), [3])), tf.tensor(Float32Array.from(offset), [3]))
}

/** [B, S, S, 3] → [B · (S/p)², p · p · 3], patches row by row. */
function patchesOf(images: Tensor, patch: number): Tensor {
  const [batch, side] = images.shape as [number, number]
  const cells = side / patch
  const blocks = tf.transpose(tf.reshape(images, [batch, cells, patch, cells, patch, 3]), [0, 1, 3, 2, 4, 5])
  return tf.reshape(blocks, [batch * cells * cells, 3 * patch * patch])
}
