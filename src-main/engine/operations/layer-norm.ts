import type { Attribute } from '../ir.ts'
import type { KernelRule } from '../kernels.ts'
import { type Tensor, tf } from '../tf.ts'

export const layerNormRules: Record<string, KernelRule> = {
  LayerNorm: {
    inputs: ['x', 'scale', 'offset'],
    infer: ([x, scale, offset]) => {
      const width = x?.shape.at(-1)
      if (width === undefined || `${scale?.shape}` !== `${width}` || `${offset?.shape}` !== `${width}`)
        throw new Error('layer normalisation wants scale and offset as long as the last axis')
      return [x as NonNullable<typeof x>]
    },
  },
  /** outputs: dx, dscale, doffset */
  LayerNormGrad: {
    inputs: ['dy', 'x', 'scale'],
    infer: ([dy, , scale]) => [dy, scale, scale] as ReturnType<KernelRule['infer']>,
  },
}

/** Layer normalisation (Ba et al. 2016) over the last axis, biased variance. @param scale, offset [last axis] */
export const layerNorm = <T extends Tensor>(x: T, scale: Tensor, offset: Tensor, epsilon = 1e-5): T =>
  tf.engine().runKernel('LayerNorm', { x, scale, offset }, { epsilon }) as T

// x̂ is computed again from x: that is one operator, and x is held for the gradient in any case.
tf.registerGradient({
  kernelName: 'LayerNorm',
  inputsToSave: ['x', 'scale'],
  gradFunc: (dy, saved, attributes) => {
    const [x, scale] = saved as [Tensor, Tensor]
    const { epsilon } = attributes as { epsilon: number }
    const gradients = tf
      .engine()
      .runKernel('LayerNormGrad', { dy: dy as Tensor, x, scale }, { epsilon }) as unknown as Tensor[]
    return {
      x: () => gradients[0] as Tensor,
      scale: () => gradients[1] as Tensor,
      offset: () => gradients[2] as Tensor,
    }
  },
})

function normalised(x: Tensor, epsilon: number): { xhat: Tensor; inverse: Tensor } {
  const { mean, variance } = tf.moments(x, -1, true)
  const inverse = tf.rsqrt(tf.add(variance, epsilon))
  return { xhat: tf.mul(tf.sub(x, mean), inverse), inverse }
}

/** Plain compositions, for the reference runtime. */
export const layerNormReference = {
  LayerNorm: ([x, scale, offset]: Tensor[], { epsilon }: Record<string, Attribute>): Tensor[] => {
    const { xhat } = normalised(x as Tensor, epsilon as number)
    return [tf.add(tf.mul(xhat, scale as Tensor), offset as Tensor)]
  },
  // dx = (1/σ) · (g − mean(g) − x̂ · mean(g·x̂)) with g = dy · scale.
  LayerNormGrad: ([dy, x, scale]: Tensor[], { epsilon }: Record<string, Attribute>): Tensor[] => {
    const { xhat, inverse } = normalised(x as Tensor, epsilon as number)
    const up = tf.mul(dy as Tensor, scale as Tensor)
    const centred = tf.sub(tf.sub(up, tf.mean(up, -1, true)), tf.mul(xhat, tf.mean(tf.mul(up, xhat), -1, true)))
    const axes = xhat.shape.slice(0, -1).map((_, axis) => axis)
    return [tf.mul(inverse, centred), tf.sum(tf.mul(dy as Tensor, xhat), axes), tf.sum(dy as Tensor, axes)]
  },
}
