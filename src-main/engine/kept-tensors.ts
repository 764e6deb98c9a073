import { type Tensor, tf } from './tf.ts'

const kept: Tensor[] = []

/** Protects a tensor from the scopes of a gradient computation until the trace ends. */
export function keepForTrace<T extends Tensor>(tensor: T): T {
  tf.keep(tensor)
  kept.push(tensor)
  return tensor
}

/** Ends the protection of all kept tensors. */
export function releaseKept(): void {
  for (const tensor of kept.splice(0)) tensor.dispose()
}
