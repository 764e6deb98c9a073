import { stopGradient } from '../gradients.ts'
import type { KernelRule } from '../kernels.ts'
import { type Tensor, tf } from '../tf.ts'

export const nearestCodeRules: Record<string, KernelRule> = {
  NearestCode: {
    inputs: ['z', 'codebook'],
    infer: ([z, codebook]) => {
      if (!z || !codebook || z.shape.length !== 2 || codebook.shape.length !== 2 || z.shape[1] !== codebook.shape[1])
        throw new Error('nearest code wants z [N, n] and a codebook [K, n]')
      return [{ shape: [z.shape[0] as number], dtype: 'int32' }]
    },
  },
}

/**
 * Eq. 1: index of the nearest code by squared Euclidean distance, the lowest index on a tie. No gradient.
 * Computed as argmin |c|² − 2 z·c, which needs no |z|² and so keeps the digits that decide.
 * @param z [N, n]; codebook [K, n] @returns int32 [N]
 */
export function nearestCode(z: Tensor, codebook: Tensor): tf.Tensor1D {
  return tf.engine().runKernel('NearestCode', { z: stopGradient(z), codebook: stopGradient(codebook) }) as tf.Tensor1D
}

/** Plain composition, for the reference runtime. */
export const nearestCodeReference = {
  NearestCode: ([z, codebook]: Tensor[]): Tensor[] => {
    const norms = tf.sum(tf.square(codebook as Tensor), 1)
    return [tf.argMin(tf.sub(norms, tf.mul(2, tf.matMul(z as tf.Tensor2D, codebook as tf.Tensor2D, false, true))), 1)]
  },
}
