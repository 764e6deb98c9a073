import { codebookRows, codeMapSides, codeWidth, tokensPerPicture } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { ParameterSpecs } from '../../engine/initialise.ts'
import { EMBEDDING } from '../../language/llama.ts'
import { discriminatorSpecs, logitSide } from '../../tokenizers/discriminator.ts'
import { createTokenizer } from '../../tokenizers/tokenizer.ts'
import { vitTokens } from '../../tokenizers/vit.ts'
import { adapterParameters, languageSide, modelSpecs } from './parts.ts'
import { perceptualWork } from './perceptual.ts'

/**
 * Arithmetic of products and convolutions, a multiply-add counted as two operations; what is done to each value by
 * itself (norms, activations, updates of weights) is left out. Evaluations are not counted.
 */
export interface Work {
  part: string
  /** Operations of one tokenizer step with its share of language steps, on average over the training. */
  operations: number
}

/** Forward, the gradient of the input, the gradient of the weights: each as much as the first. */
export const LEARNS = 3
/** Forward and the gradient of the input: weights that stay, on the way to others that learn. */
const PASSES = 2

/** @param vocabulary tokens of the language model */
export function workOf(config: ExperimentConfig, vocabulary: number): Work[] {
  const { training } = config
  const visual = tokenizerWork(config)
  const search = 2 * tokensPerPicture(config) * codesOfLayer(config, vocabulary) * codeWidth(config)
  const perceptual = perceptualWork(config.losses.perceptual.network, config.data.resolution).operations
  return [
    { part: 'encoder', operations: training.batchSize * encoderOperations(config) },
    { part: 'quantizer and decoder', operations: training.batchSize * visual.decoder.operations * LEARNS },
    { part: 'nearest codes', operations: training.batchSize * search },
    // The picture forward; its reconstruction forward and back.
    { part: 'perceptual network', operations: training.batchSize * perceptual * (1 + PASSES) },
    { part: 'discriminator', operations: training.batchSize * discriminatorOperations(config) },
    { part: 'language model', operations: languageOperations(config, vocabulary) },
  ].filter(({ operations }) => operations > 0)
}

/** A layer looks for the nearest among its own codes: those of one codebook, whether it shares it or not. */
export const codesOfLayer = (config: ExperimentConfig, vocabulary: number): number =>
  codebookRows({ ...config, codebook: { ...config.codebook, shared: true } }, vocabulary)

/** One picture through the encoder and back. A transformer that stays ends the way back at the adapter behind it. */
function encoderOperations(config: ExperimentConfig): number {
  const { encoder, transformer } = tokenizerWork(config)
  return fixedEncoder(config)
    ? transformer.operations + encoder.operations * PASSES
    : (transformer.operations + encoder.operations) * LEARNS
}

/** True if the encoder is a transformer that does not learn. */
export const fixedEncoder = ({ tokenizer }: ExperimentConfig): boolean =>
  tokenizer.encoder === 'vit' && !tokenizer.vit.trains

interface MapWork {
  operations: number
  /** Values that convolutions and products put out. */
  outputs: number
}

/**
 * One picture forward: all convolutions, read off the kernels' shapes and the side of their maps, and attention; the
 * decoder's with the quantizer's. Of a vision transformer `outputs` is all that its way back reads.
 */
export function tokenizerWork(config: ExperimentConfig): { encoder: MapWork; transformer: MapWork; decoder: MapWork } {
  const specs = createTokenizer(config).specs
  const sides = codeMapSides(config)
  const finest = sides.at(-1) as number
  const work = {
    encoder: { operations: 0, outputs: 0 },
    transformer: vitWork(config),
    decoder: { operations: 0, outputs: 0 },
  }
  for (const [name, { shape }] of Object.entries(specs)) {
    if (!name.endsWith('.kernel')) continue
    const [height, width, from, to] = shape as [number, number, number, number]
    const side = sideOf(name, config, sides)
    const half = name.startsWith('encoder.') ? work.encoder : work.decoder
    half.operations += 2 * height * width * from * to * side * side
    half.outputs += to * side * side
  }
  if (config.tokenizer.attention) {
    const channels = config.tokenizer.channels.at(-1) as number
    for (const half of config.tokenizer.encoder === 'vit' ? [work.decoder] : [work.encoder, work.decoder]) {
      // Scores and the mixing of values: two products of [s², C] and [s², s²].
      half.operations += 4 * finest ** 4 * channels
      half.outputs += finest ** 4 + finest ** 2 * channels
    }
  }
  return work
}

/** Of the gelu of one value: itself and the parts of its composition. */
const KEPT_PER_ACTIVATION = { gelu: 5, 'quick-gelu': 4 }

function vitWork({ tokenizer: { encoder, vit }, data }: ExperimentConfig): MapWork {
  if (encoder !== 'vit') return { operations: 0, outputs: 0 }
  const { width, feedForward, heads, layers, patch, activation } = vit
  const tokens = vitTokens(vit, data.resolution)
  const patches = (data.resolution / patch) ** 2
  const matrices = 4 * width ** 2 + 2 * width * feedForward
  // Norm, queries, keys, values, their mix and where it goes, the second norm, the residual after each half.
  const perToken = 9 * width + KEPT_PER_ACTIVATION[activation] * feedForward + heads * tokens
  return {
    operations: 2 * patches * 3 * patch ** 2 * width + layers * (2 * tokens * matrices + 4 * tokens ** 2 * width),
    outputs: patches * (3 * patch ** 2 + width) + layers * tokens * perToken,
  }
}

/** Side of the map that a convolution of the tokenizer puts out. */
function sideOf(name: string, { data }: ExperimentConfig, sides: readonly number[]): number {
  const finest = sides.at(-1) as number
  if (name.startsWith('quantizer.')) return sideInQuantizer(name, sides)
  const level = /(?:level|down)(\d+)\./.exec(name)
  if (level) return data.resolution / 2 ** Number(level[1])
  const up = /up(\d+)\./.exec(name)
  if (up) return data.resolution / 2 ** (Number(up[1]) - 1)
  return /encoder\.conv_in|decoder\.conv_out/.test(name) ? data.resolution : finest
}

/** Between levels l, a step `time` down ends 2^(time + 1) below the finest map, a step up as much above the level's own. */
function sideInQuantizer(name: string, sides: readonly number[]): number {
  const finest = sides.at(-1) as number
  const hierarchical = /^quantizer\.level(\d+)\.(shrink|enlarge)?(\d+)?/.exec(name)
  if (hierarchical) {
    const [, level, way, time] = hierarchical
    if (way === 'shrink') return finest / 2 ** (Number(time) + 1)
    return (sides[Number(level)] as number) * (way === 'enlarge' ? 2 ** (Number(time) + 1) : 1)
  }
  const vqvae2 = /^quantizer\.[a-z]+?(\d+)\.(?:conv(\d*))?/.exec(name)
  if (!vqvae2) return finest
  const [, level, time] = vqvae2
  return (sides[Number(level)] as number) * (time === undefined ? 1 : 2 ** (Number(time) + 1))
}

/** One picture through the discriminator, forward. */
export function discriminatorWork({ losses, data }: ExperimentConfig): MapWork {
  const shape = { ndf: losses.adversarial.channels, layers: losses.adversarial.layers }
  const work = { operations: 0, outputs: 0 }
  for (const [name, { shape: kernel }] of Object.entries(discriminatorSpecs(shape))) {
    const layer = /^conv(\d+)\.kernel$/.exec(name)?.[1]
    if (layer === undefined) continue
    const [height, width, from, to] = kernel as [number, number, number, number]
    // The map after this layer is as large as the logits of a discriminator that ended two layers of stride 1 later.
    const side = sideAfter(shape.layers, Number(layer), data.resolution)
    work.operations += 2 * height * width * from * to * side * side
    work.outputs += to * side * side
  }
  return work
}

/** Convolutions of 4 × 4 padded by one: of stride 2 but for the last two. */
function sideAfter(layers: number, layer: number, side: number): number {
  let here = side
  for (let index = 0; index <= layer; index++) here = Math.floor((here - 2) / (index < layers ? 2 : 1)) + 1
  return here
}

/**
 * Real and reconstructed pictures forward and back to its weights, and back once more to the reconstructed ones, which
 * tells the decoder; by its share of the steps.
 */
function discriminatorOperations(config: ExperimentConfig): number {
  const { weight, start, stop, channels: ndf, layers } = config.losses.adversarial
  const { steps } = config.training
  if (weight === 0 || logitSide({ ndf, layers }, config.data.resolution) < 1) return 0
  const active = Math.max(0, Math.min(steps, stop === 0 ? steps : stop) - start)
  return discriminatorWork(config).operations * (2 * LEARNS + 1) * (active / steps)
}

/** Language steps of one tokenizer step, on average. */
export function languageOperations(config: ExperimentConfig, vocabulary: number): number {
  const { language } = config
  if (language.tuning === 'frozen') return 0
  const side = languageSide(config, vocabulary)
  const tokens = language.batchSize * language.context * language.ratio
  const passes = language.tuning === 'full' ? LEARNS : PASSES
  const adapters = 2 * adapterParameters(side, language) * LEARNS
  return tokens * (tokenOperations(config, modelSpecs(side, language)) * passes + adapters)
}

/** One token forward: every matrix but the table that is only looked up in, and attention over the whole context. */
function tokenOperations({ language }: ExperimentConfig, specs: ParameterSpecs): number {
  const looked = language.tied ? undefined : EMBEDDING
  const matrices = Object.entries(specs)
    .filter(([name, { shape }]) => shape.length === 2 && name !== looked)
    .reduce((sum, [, { shape }]) => sum + (shape[0] as number) * (shape[1] as number), 0)
  return 2 * matrices + language.layers * 4 * language.context * language.width
}

/** Values that one token of a language step leaves for the way back, logits aside. */
export function languageOutputs({
  width,
  heads,
  keyValueHeads,
  feedForward,
  layers,
  context,
}: ExperimentConfig['language']): number {
  const keys = (width / heads) * keyValueHeads
  // Two norms in and out, q, k, v, q and k rotated, the scores, what they mix, the projection; gate, up, SiLU, product.
  return layers * (4 * width + (width + 2 * keys) + (width + keys) + heads * context + 2 * width + 4 * feedForward)
}
