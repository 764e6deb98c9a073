import { straightThrough } from '../../engine/gradients.ts'
import type { Tensor } from '../../engine/tf.ts'
import type { Quantizer, Search } from './quantizer.ts'
import { commitmentLoss, inOneCodebook, lookUp } from './search.ts'

/**
 * Plain vector quantization (van den Oord et al. 2017): one code per position. Over a language model's table that never
 * changes this is LQAE's quantizer (Liu et al. 2023).
 */
export const vq = (width: number, search: Search = inOneCodebook): Quantizer => ({
  encoderFeatures: width,
  decoderFeatures: width,
  specs: {},
  quantize(_, h, codebook) {
    const { codes, vectors, assignment } = search(h, codebook, 0)
    return {
      quantized: straightThrough(h, vectors),
      codes: [codes],
      commitment: commitmentLoss(h, vectors),
      assignments: [assignment],
    }
  },
  embed: (_, [codes], codebook) => lookUp(codebook, codes as Tensor),
})
