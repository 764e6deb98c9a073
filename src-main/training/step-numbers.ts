import { type HostTensor, scalar } from '../engine/runtimes/runtime.ts'

/** Numbers as inputs of a program. */
export const scalars = (numbers: Record<string, number>): Record<string, HostTensor> =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, scalar(value)]))

/** @param optimizer path of its settings @throws Error naming the loss and the step if it is none */
export function finite(name: string, value: number, step: number, optimizer = 'optimizer'): number {
  if (!Number.isFinite(value))
    throw new Error(
      `${name} is ${value} at step ${step}: training diverged; lower the learning rate or set ${optimizer}.gradientClip`,
    )
  return value
}
