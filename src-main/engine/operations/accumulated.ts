import type { KernelRule } from '../kernels.ts'
import { type Tensor, tf } from '../tf.ts'

/** How the values of several micro-batches become one. */
export type Accumulation = 'mean' | 'sum'

export const accumulatedRules: Record<string, KernelRule> = {
  Accumulated: { inputs: ['x'], infer: (inputs) => inputs.slice(0, 1) },
}

/**
 * Marks a value that a step over a large batch gets from several micro-batches: a gradient, or a loss, as their mean;
 * counts and sums as their sum. By itself it is the value; `compileAccumulated` cuts the step in two here. No gradient.
 * @param name of the value, unique in its step
 */
export const accumulated = <T extends Tensor>(name: string, x: T, by: Accumulation = 'mean'): T =>
  tf.engine().runKernel('Accumulated', { x }, { name, by }) as T

/** Plain composition, for the reference runtime. */
export const accumulatedReference = { Accumulated: (inputs: Tensor[]): Tensor[] => inputs }
