import { type Tensor, tf } from '../../engine/tf.ts'
import { openMobileNetV2, toUnitRange } from '../../evaluation/networks/mobilenet-v2.ts'
import type { PerceptualNetwork } from './perceptual-network.ts'

/**
 * Smallest side that pictures have when they enter the network; smaller ones are repeated pixel by pixel. At 64 px the
 * deepest stage still has 4 × 4 positions, and 64 px patches are what LPIPS was fitted on.
 */
const SMALLEST = 64
const EPSILON = 1e-10

/**
 * Distance by MobileNetV2's features, after the pattern of LPIPS (Zhang et al. 2018) but without learned weights: at the
 * end of each resolution the features of a position are scaled to length 1, and the squared difference is summed over
 * channels and averaged over positions, then over the four resolutions. It lies in [0, 2] and is not LPIPS.
 */
export function mobileNetDistance(): PerceptualNetwork {
  const { stages, source } = openMobileNetV2()
  return {
    source,
    definition: `Features of block_1, 3, 6 and 13 (expand_relu), scaled to length 1 over channels; squared difference summed over channels, averaged over positions and the four layers. Pictures below ${SMALLEST} px are enlarged to it by repeating pixels. No learned weights: not LPIPS.`,
    bind() {
      const network = stages.bind()
      const features = (images: Tensor) => network(toUnitRange(enlarge(images))).map(unitLength)
      return (x, y) => {
        const [left, right] = [features(x), features(y)]
        const distances = left.map((map, stage) =>
          tf.mean(tf.sum(tf.squaredDifference(map, right[stage] as Tensor), 3), [1, 2]),
        )
        return tf.div(tf.addN(distances), distances.length)
      }
    },
  }
}

/** Pictures of at least SMALLEST px. */
function enlarge(images: Tensor): Tensor {
  const [, height, width] = images.shape as [number, number, number]
  const times = Math.ceil(SMALLEST / Math.min(height, width))
  return times <= 1 ? images : tf.image.resizeNearestNeighbor(images as tf.Tensor4D, [times * height, times * width])
}

/** x / √(Σ x² + ε) over channels; at a position without any feature it and its gradient are 0. */
const unitLength = (map: Tensor): Tensor => tf.mul(map, tf.rsqrt(tf.add(tf.sum(tf.square(map), 3, true), EPSILON)))
