import type { KernelRule } from '../kernels.ts'
import { type Tensor, tf } from '../tf.ts'

export const barrierRules: Record<string, KernelRule> = {
  /** inputs: values, and last the one to wait for; outputs: the values */
  Barrier: { inputs: 'list', infer: (inputs) => inputs.slice(0, -1) },
}

/**
 * The same values, which no runtime may compute before `after` and no pass may take for the ones that were passed in.
 * What is computed from them is so computed again, and late. No gradient.
 */
export function barrier(values: readonly Tensor[], after: Tensor): Tensor[] {
  const result = tf.engine().runKernel('Barrier', [...values, after] as never) as unknown as Tensor | Tensor[]
  return Array.isArray(result) ? result : [result]
}

/** Plain composition, for the reference runtime. */
export const barrierReference = { Barrier: (inputs: Tensor[]): Tensor[] => inputs.slice(0, -1) }
