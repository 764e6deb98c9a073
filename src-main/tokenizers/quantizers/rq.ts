import { stopGradient, straightThrough } from '../../engine/gradients.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import type { Quantizer } from './quantizer.ts'
import { assign, commitmentLoss, lookUp } from './vq.ts'

/**
 * Residual quantization (Lee et al. 2022) with one codebook for all depths: each depth quantizes what the depths before
 * left over. The residual starts from sg[x]; one straight-through estimator on the final sum; the commitment loss is the
 * mean over depths of the distance to the cumulative sum (FIELD 3a).
 */
export const rq = (width: number, depths: number): Quantizer => ({
  encoderFeatures: width,
  decoderFeatures: width,
  specs: {},
  quantize(_, h, codebook) {
    let residual: Tensor = stopGradient(h)
    let sum: Tensor | null = null
    const layers = Array.from({ length: depths }, () => {
      const layer = assign(residual, codebook)
      residual = tf.sub(residual, layer.vectors)
      sum = sum ? tf.add(sum, layer.vectors) : layer.vectors
      return { ...layer, commitment: commitmentLoss(h, sum) }
    })
    return {
      quantized: straightThrough(h, sum as unknown as Tensor),
      codes: layers.map(({ codes }) => codes),
      commitment: tf.div(tf.addN(layers.map(({ commitment }) => commitment)), depths) as tf.Scalar,
      assignments: layers.map(({ assignment }) => assignment),
    }
  },
  embed: (_, codes, codebook) => codes.map((layer) => lookUp(codebook, layer)).reduce((a, b) => tf.add(a, b)),
})
