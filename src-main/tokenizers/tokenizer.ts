import { codeMapSides, codeWidth, type TokenizerSettings } from '../../src-shared/code-maps.ts'
import type { ParameterSpecs } from '../engine/initialise.ts'
import { branch, type Parameters, prefixed } from '../engine/parameters.ts'
import type { Tensor } from '../engine/tf.ts'
import { decoderSpecs, decodeToLastLayer, type LastLayer } from './autoencoder.ts'
import { createEncoder } from './encoder.ts'
import { hq } from './quantizers/hq.ts'
import type { Quantization, Quantizer } from './quantizers/quantizer.ts'
import { rq } from './quantizers/rq.ts'
import { inCodebooksPerLayer, inOneCodebook } from './quantizers/search.ts'
import { spae } from './quantizers/spae.ts'
import { vq } from './quantizers/vq.ts'
import { vqvae2 } from './quantizers/vqvae2.ts'

export function createQuantizer(config: TokenizerSettings): Quantizer {
  const { kind, layers, resampling, channels, residualBlocks, groups } = config.tokenizer
  const width = codeWidth(config)
  const search = config.codebook.shared ? inOneCodebook : inCodebooksPerLayer(layers)
  switch (kind) {
    case 'vq':
      return vq(width, search)
    case 'rq':
      return rq(width, layers, search)
    case 'hq':
      return hq({ width, levels: layers, resampling }, search)
    case 'vqvae2':
      return vqvae2({ width, levels: layers, channels: channels.at(-1) as number, residualBlocks, groups }, search)
    case 'spae':
      return spae(width, codeMapSides(config), search)
  }
}

/** A visual tokenizer: encoder E, quantizer, decoder D, as functions over parameters encoder.*, quantizer.*, decoder.*. */
export interface VisualTokenizer {
  specs: ParameterSpecs
  /** @param images [B, S, S, 3] in [−1, 1]; codebook [K, n], of all layers */
  tokenize(parameters: Parameters, images: Tensor, codebook: Tensor): Quantization
  /** Pictures of what `tokenize` gave as `quantized`. */
  decode(parameters: Parameters, quantized: Tensor): Tensor
  /** The decoder but for its last layer, which is handed out. */
  decodeToLastLayer(parameters: Parameters, quantized: Tensor): LastLayer
  /** Pictures of given code maps. @param codes int32 [B, h_l, w_l] per layer, rows of the whole table */
  decodeCodes(parameters: Parameters, codes: Tensor[], codebook: Tensor): Tensor
}

export function createTokenizer(config: TokenizerSettings): VisualTokenizer {
  const { tokenizer } = config
  const quantizer = createQuantizer(config)
  const encoder = createEncoder(config, quantizer.encoderFeatures)
  const toLastLayer = (parameters: Parameters, map: Tensor) =>
    decodeToLastLayer(branch(parameters, 'decoder'), map, tokenizer)
  const decoder = (parameters: Parameters, map: Tensor) => {
    const { kernel, paint } = toLastLayer(parameters, map)
    return paint(kernel)
  }
  return {
    specs: {
      ...prefixed(encoder.specs, 'encoder'),
      ...prefixed(quantizer.specs, 'quantizer'),
      ...prefixed(decoderSpecs(tokenizer, quantizer.decoderFeatures), 'decoder'),
    },
    tokenize: (parameters, images, codebook) =>
      quantizer.quantize(
        branch(parameters, 'quantizer'),
        encoder.encode(branch(parameters, 'encoder'), images),
        codebook,
      ),
    decode: decoder,
    decodeToLastLayer: toLastLayer,
    decodeCodes: (parameters, codes, codebook) =>
      decoder(parameters, quantizer.embed(branch(parameters, 'quantizer'), codes, codebook)),
  }
}
