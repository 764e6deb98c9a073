import type { Attribute } from '../ir.ts'
import type { KernelRule } from '../kernels.ts'
import { type Tensor, tf } from '../tf.ts'

export const groupNormRules: Record<string, KernelRule> = {
  /** outputs: y like x; normalised x̂ like x; 1/σ [B, G] */
  GroupNorm: {
    inputs: ['x', 'scale', 'offset'],
    infer: ([x, scale], { groups }) => {
      const channels = x?.shape.at(-1) as number
      if (x?.shape.length !== 4 || channels % (groups as number) !== 0 || scale?.shape[0] !== channels)
        throw new Error(
          `group normalisation wants [B, H, W, C] with C divisible by ${String(groups)} groups and scale [C]`,
        )
      return [x, x, { shape: [x.shape[0] as number, groups as number], dtype: 'float32' }]
    },
  },
  /** outputs: dx, dscale [C], doffset [C] */
  GroupNormGrad: {
    inputs: ['dy', 'normalised', 'inverseDeviation', 'scale'],
    infer: ([dy, , , scale]) => [dy, scale, scale] as ReturnType<KernelRule['infer']>,
  },
}

/**
 * Group normalisation (Wu & He 2018) over groups of neighbouring channels, biased variance.
 * @param x [B, H, W, C]; scale, offset [C]
 */
export function groupNorm(x: Tensor, scale: Tensor, offset: Tensor, groups: number, epsilon = 1e-6): tf.Tensor4D {
  return (
    tf.engine().runKernel('GroupNorm', { x, scale, offset }, { groups, epsilon }) as unknown as Tensor[]
  )[0] as tf.Tensor4D
}

tf.registerGradient({
  kernelName: 'GroupNorm',
  inputsToSave: ['scale'],
  outputsToSave: [false, true, true],
  gradFunc: (dy, saved, attrs) => {
    const [scale, normalised, inverseDeviation] = saved as [Tensor, Tensor, Tensor]
    const first = (Array.isArray(dy) ? dy[0] : dy) as Tensor
    const inputs = { dy: first, normalised, inverseDeviation, scale }
    const gradients = tf
      .engine()
      .runKernel('GroupNormGrad', inputs, { groups: attrs.groups as number }) as unknown as Tensor[]
    return {
      x: () => gradients[0] as Tensor,
      scale: () => gradients[1] as Tensor,
      offset: () => gradients[2] as Tensor,
    }
  },
})

type Attributes = Record<string, Attribute>

/** Plain compositions, for the reference runtime. */
export const groupNormReference = {
  GroupNorm: ([x, scale, offset]: Tensor[], { groups, epsilon }: Attributes): Tensor[] => {
    const [b, h, w, c] = (x as Tensor).shape as [number, number, number, number]
    const g = groups as number
    const grouped = tf.reshape(x as Tensor, [b, h * w, g, c / g])
    const { mean, variance } = tf.moments(grouped, [1, 3], true)
    const inverse = tf.rsqrt(tf.add(variance, epsilon as number))
    const normalised = tf.reshape(tf.mul(tf.sub(grouped, mean), inverse), [b, h, w, c])
    return [tf.add(tf.mul(normalised, scale as Tensor), offset as Tensor), normalised, tf.reshape(inverse, [b, g])]
  },
  GroupNormGrad: ([dy, normalised, inverseDeviation, scale]: Tensor[], { groups }: Attributes): Tensor[] => {
    const [b, h, w, c] = (dy as Tensor).shape as [number, number, number, number]
    const g = groups as number
    const shape = [b, h * w, g, c / g]
    const xhat = tf.reshape(normalised as Tensor, shape)
    const up = tf.reshape(tf.mul(dy as Tensor, scale as Tensor), shape)
    const mean = tf.mean(up, [1, 3], true)
    const projection = tf.mean(tf.mul(up, xhat), [1, 3], true)
    const inverse = tf.reshape(inverseDeviation as Tensor, [b, 1, g, 1])
    const dx = tf.mul(inverse, tf.sub(tf.sub(up, mean), tf.mul(xhat, projection)))
    return [
      tf.reshape(dx, [b, h, w, c]),
      tf.sum(tf.mul(dy as Tensor, normalised as Tensor), [0, 1, 2]),
      tf.sum(dy as Tensor, [0, 1, 2]),
    ]
  },
}
