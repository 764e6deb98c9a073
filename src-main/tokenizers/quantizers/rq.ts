import { stopGradient, straightThrough } from '../../engine/gradients.ts'
import { type Tensor, tf } from '../../engine/tf.ts'
import type { Quantizer, Search } from './quantizer.ts'
import { commitmentLoss, inOneCodebook, lookUp } from './search.ts'

/**
 * Residual quantization (Lee et al. 2022): each depth quantizes what the depths before left over, by one codebook for all
 * of them or by one each. The residual starts from sg[x]; one straight-through estimator on the final sum; the commitment
 * loss is the mean over depths of the distance to the cumulative sum (FIELD 3a).
 */
export const rq = (width: number, depths: number, search: Search = inOneCodebook): Quantizer => ({
  encoderFeatures: width,
  decoderFeatures: width,
  specs: {},
  quantize(_, h, codebook) {
    let residual: Tensor = stopGradient(h)
    let sum: Tensor | null = null
    const layers = Array.from({ length: depths }, (_depth, layer) => {
      const found = search(residual, codebook, layer)
      residual = tf.sub(residual, found.vectors)
      sum = sum ? tf.add(sum, found.vectors) : found.vectors
      return { ...found, commitment: commitmentLoss(h, sum) }
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
