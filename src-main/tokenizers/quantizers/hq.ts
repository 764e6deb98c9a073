import { straightThrough } from '../../engine/gradients.ts'
import { type Parameters, prefixed } from '../../engine/parameters.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import { convolution, convolutionSpecs, pixelShuffle, pixelUnshuffle } from '../layers.ts'
import type { Quantizer } from './quantizer.ts'
import { assign, commitmentLoss, lookUp } from './vq.ts'

/**
 * Hierarchical quantization (You et al. 2022) with one codebook for both levels (FIELD 2): the map of n/4 channels is
 * unshuffled to n channels at half the side and quantized (top); what the top leaves over goes up to n channels and is
 * quantized at the full side (bottom); the decoder reads both, fused by a 1×1 convolution.
 * @param width n, divisible by 4
 */
export const hq = (width: number): Quantizer => ({
  encoderFeatures: width / 4,
  decoderFeatures: width / 4,
  specs: {
    ...prefixed(convolutionSpecs(1, width / 4, width), 'up'),
    ...prefixed(convolutionSpecs(1, width, width / 4), 'down'),
    ...prefixed(convolutionSpecs(1, width / 2, width / 4), 'post'),
  },
  quantize(parameters, h, codebook) {
    const top = pixelUnshuffle(h)
    const topLevel = assign(top, codebook)
    const topUp = pixelShuffle(straightThrough(top, topLevel.vectors))
    const bottom = convolution(parameters, 'up', tf.sub(h, pixelShuffle(topLevel.vectors)))
    const bottomLevel = assign(bottom, codebook)
    return {
      quantized: fuse(parameters, topUp, straightThrough(bottom, bottomLevel.vectors)),
      codes: [topLevel.codes, bottomLevel.codes],
      commitment: tf.mul(
        tf.add(commitmentLoss(top, topLevel.vectors), commitmentLoss(bottom, bottomLevel.vectors)),
        0.5,
      ) as tf.Scalar,
      assignments: [topLevel.assignment, bottomLevel.assignment],
    }
  },
  embed(parameters, [top, bottom], codebook) {
    return fuse(parameters, pixelShuffle(lookUp(codebook, top as Tensor)), lookUp(codebook, bottom as Tensor))
  },
})

/** post(concat[top at the full side, down(bottom)]): [B, s, s, n/4] */
function fuse(parameters: Parameters, topUp: Tensor, bottom: Tensor): Tensor {
  return convolution(parameters, 'post', tf.concat([topUp, convolution(parameters, 'down', bottom)], 3))
}

/**
 * Token order of one picture: for each top cell row by row its code, then its four children (2y,2x), (2y,2x+1), (2y+1,2x),
 * (2y+1,2x+1).
 * @param side s of the bottom map @returns for each of the 5·(s/2)² tokens its level and its cell in that level's map
 */
export function hqTokenOrder(side: number): { level: 0 | 1; row: number; column: number }[] {
  const order: { level: 0 | 1; row: number; column: number }[] = []
  for (let row = 0; row < side / 2; row++)
    for (let column = 0; column < side / 2; column++) {
      order.push({ level: 0, row, column })
      for (const [dy, dx] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ] as const)
        order.push({ level: 1, row: 2 * row + dy, column: 2 * column + dx })
    }
  return order
}
