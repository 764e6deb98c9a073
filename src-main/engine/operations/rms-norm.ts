import type { Attribute } from '../ir.ts'
import type { KernelRule } from '../kernels.ts'
import { type Tensor, tf } from '../tf.ts'

export const rmsNormRules: Record<string, KernelRule> = {
  /** outputs: y like x; 1/rms [..., 1] */
  RmsNorm: {
    inputs: ['x', 'weight'],
    infer: ([x, weight]) => {
      if (!x || !weight || x.shape.at(-1) !== weight.shape[0])
        throw new Error('RMS normalisation wants a weight as long as the last axis')
      return [x, { shape: [...x.shape.slice(0, -1), 1], dtype: 'float32' }]
    },
  },
  /** outputs: dx, dweight */
  RmsNormGrad: {
    inputs: ['dy', 'x', 'weight', 'inverse'],
    infer: ([dy, , weight]) => [dy, weight] as ReturnType<KernelRule['infer']>,
  },
}

/** RMS normalisation (Zhang & Sennrich 2019): x · (mean(x²) + ε)^−½ · weight over the last axis. */
export function rmsNorm<T extends Tensor>(x: T, weight: Tensor, epsilon: number): T {
  return (tf.engine().runKernel('RmsNorm', { x, weight }, { epsilon }) as unknown as Tensor[])[0] as T
}

tf.registerGradient({
  kernelName: 'RmsNorm',
  inputsToSave: ['x', 'weight'],
  outputsToSave: [false, true],
  gradFunc: (dy, saved) => {
    const [x, weight, inverse] = saved as [Tensor, Tensor, Tensor]
    const first = (Array.isArray(dy) ? dy[0] : dy) as Tensor
    const gradients = tf.engine().runKernel('RmsNormGrad', { dy: first, x, weight, inverse }) as unknown as Tensor[]
    return { x: () => gradients[0] as Tensor, weight: () => gradients[1] as Tensor }
  },
})

/** Plain compositions, for the reference runtime. */
export const rmsNormReference = {
  RmsNorm: ([x, weight]: Tensor[], { epsilon }: Record<string, Attribute>): Tensor[] => {
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(x as Tensor), -1, true), epsilon as number))
    return [tf.mul(tf.mul(x as Tensor, inverse), weight as Tensor), inverse]
  },
  RmsNormGrad: ([dy, x, weight, inverse]: Tensor[]): Tensor[] => {
    const xhat = tf.mul(x as Tensor, inverse as Tensor)
    const up = tf.mul(dy as Tensor, weight as Tensor)
    const dx = tf.mul(inverse as Tensor, tf.sub(up, tf.mul(xhat, tf.mean(tf.mul(up, xhat), -1, true))))
    const axes = xhat.shape.slice(0, -1).map((_, axis) => axis)
    return [dx, tf.sum(tf.mul(dy as Tensor, xhat), axes)]
  },
}
