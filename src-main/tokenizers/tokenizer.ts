import type { TokenizerConfig } from '../../src-shared/config.ts'
import type { ParameterSpecs } from '../engine/initialise.ts'
import { branch, type Parameters, prefixed } from '../engine/parameters.ts'
import type { Tensor } from '../engine/tf.ts'
import { decoderSpecs, decodeToLastLayer, encode, encoderSpecs, type LastLayer } from './autoencoder.ts'
import { hq } from './quantizers/hq.ts'
import type { Quantization, Quantizer } from './quantizers/quantizer.ts'
import { rq } from './quantizers/rq.ts'
import { vq } from './quantizers/vq.ts'

/** @param width n, of a code */
export function createQuantizer(tokenizer: TokenizerConfig, width: number): Quantizer {
  switch (tokenizer.kind) {
    case 'vq':
      return vq(width)
    case 'rq':
      return rq(width, tokenizer.layers)
    case 'hq':
      return hq(width)
    case 'vqvae2':
    case 'spae':
      throw new Error(`no quantizer "${tokenizer.kind}" is here`)
  }
}

/** A visual tokenizer: encoder E, quantizer, decoder D, as functions over parameters encoder.*, quantizer.*, decoder.*. */
export interface VisualTokenizer {
  specs: ParameterSpecs
  /** @param images [B, S, S, 3] in [−1, 1] */
  tokenize(parameters: Parameters, images: Tensor, codebook: Tensor): Quantization
  /** Pictures of what `tokenize` gave as `quantized`. */
  decode(parameters: Parameters, quantized: Tensor): Tensor
  /** The decoder but for its last layer, which is handed out. */
  decodeToLastLayer(parameters: Parameters, quantized: Tensor): LastLayer
  /** Pictures of given code maps. @param codes int32 [B, h_l, w_l] per layer */
  decodeCodes(parameters: Parameters, codes: Tensor[], codebook: Tensor): Tensor
}

/** @param width n, of a code */
export function createTokenizer(tokenizer: TokenizerConfig, width: number): VisualTokenizer {
  const quantizer = createQuantizer(tokenizer, width)
  const toLastLayer = (parameters: Parameters, map: Tensor) =>
    decodeToLastLayer(branch(parameters, 'decoder'), map, tokenizer)
  const decoder = (parameters: Parameters, map: Tensor) => {
    const { kernel, paint } = toLastLayer(parameters, map)
    return paint(kernel)
  }
  return {
    specs: {
      ...prefixed(encoderSpecs(tokenizer, quantizer.encoderFeatures), 'encoder'),
      ...prefixed(quantizer.specs, 'quantizer'),
      ...prefixed(decoderSpecs(tokenizer, quantizer.decoderFeatures), 'decoder'),
    },
    tokenize: (parameters, images, codebook) =>
      quantizer.quantize(
        branch(parameters, 'quantizer'),
        encode(branch(parameters, 'encoder'), images, tokenizer),
        codebook,
      ),
    decode: decoder,
    decodeToLastLayer: toLastLayer,
    decodeCodes: (parameters, codes, codebook) =>
      decoder(parameters, quantizer.embed(branch(parameters, 'quantizer'), codes, codebook)),
  }
}
