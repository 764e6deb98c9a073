import type { Tensor } from '../../engine/tf.ts'
import type { NetworkSource } from '../../evaluation/networks/network-source.ts'

/** A distance between pictures by the features of a network that never changes. */
export interface PerceptualNetwork {
  source: NetworkSource
  /** One sentence: layers, normalisation, sums, and how pictures are resized. */
  definition: string
  /** Makes the weights known to the function that is being traced; call it once in a function, outside of gradients. */
  bind(): PerceptualDistance
}

/** Distance of each pair of pictures, [B]. @param x, y [B, S, S, 3] in about [−1, 1] */
export type PerceptualDistance = (x: Tensor, y: Tensor) => Tensor
