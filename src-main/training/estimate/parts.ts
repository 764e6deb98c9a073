import { codebookRows, codeWidth } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig, LanguageConfig } from '../../../src-shared/config.ts'
import { countParameters, type ParameterSpec, type ParameterSpecs } from '../../engine/initialise.ts'
import { sizeOf } from '../../engine/ir.ts'
import { type LanguageParameters, languageParameters } from '../../language/language-parameters.ts'
import { EMBEDDING, HEAD } from '../../language/llama.ts'
import { discriminatorSpecs } from '../../tokenizers/discriminator.ts'
import { VIT_PARAMETERS } from '../../tokenizers/encoder.ts'
import { createTokenizer } from '../../tokenizers/tokenizer.ts'
import { perceptualParameters } from './perceptual.ts'

/** A part of a run's models. */
export interface Part {
  part: string
  count: number
  /** True if gradients reach it, so that it has moments; what does not learn is kept once, in `bytes`. */
  learns: boolean
  /** Bytes of all its weights where they do not learn. */
  bytes: number
}

/** The language model as the config describes it. @param vocabulary K, rows of the embedding table */
export const languageSide = (config: ExperimentConfig, vocabulary: number): LanguageParameters =>
  languageParameters(config, { ...config.language, untied: !config.language.tied }, vocabulary)

/** Values of the low-rank adapters: r · (in + out) for each adapted layer. */
export function adapterParameters({ held, learns }: LanguageParameters, { tuning }: LanguageConfig): number {
  return tuning === 'lora'
    ? countParameters(Object.fromEntries(learns.map((name) => [name, held[name] as ParameterSpec])))
    : 0
}

/** Shapes of the model itself, adapters aside. */
export const modelSpecs = (
  { held, frozen, learns }: LanguageParameters,
  { tuning }: LanguageConfig,
): ParameterSpecs => ({
  ...frozen,
  ...Object.fromEntries(Object.entries(held).filter(([name]) => tuning !== 'lora' || !learns.includes(name))),
})

/**
 * Bytes of the model where it does not learn: what steps write besides (the table under dual) in two buffers of
 * float32, a small model of the run's own in one, the rest as it is stored.
 */
function languageBytes(side: LanguageParameters, { language, codebook }: ExperimentConfig): number {
  const written = codebook.paradigm === 'dual' ? (side.held[EMBEDDING]?.shape ?? []) : []
  const held = countParameters(modelSpecs({ ...side, frozen: {} }, language))
  return storedBytes(side.frozen, language.storage) + 4 * (held + (written.length > 0 ? sizeOf(written) : 0))
}

/** Parameters of a run by part. @param vocabulary tokens of the language model */
export function partsOf(config: ExperimentConfig, vocabulary: number): Part[] {
  const { language, losses, tokenizer } = config
  const visual = createTokenizer(config).specs
  const text = languageSide(config, vocabulary)
  const under = (prefix: string) =>
    countParameters(Object.fromEntries(Object.entries(visual).filter(([name]) => name.startsWith(prefix))))
  const part = (name: string, count: number, learns = true, bytes = 4 * count): Part => ({
    part: name,
    count,
    learns,
    bytes,
  })
  const stays = tokenizer.encoder === 'vit' && !tokenizer.vit.trains ? under(`${VIT_PARAMETERS}.`) : 0
  const parts = [
    part('fixed encoder', stays, false),
    part('encoder', under('encoder.') - stays),
    part('quantizer', under('quantizer.')),
    part('decoder', under('decoder.')),
    part('codebook', codebookRows(config, vocabulary) * codeWidth(config), false),
    part(
      'language model',
      countParameters(modelSpecs(text, language)),
      language.tuning === 'full',
      languageBytes(text, config),
    ),
    part('adapters', adapterParameters(text, language)),
    part(
      'discriminator',
      losses.adversarial.weight > 0
        ? countParameters(discriminatorSpecs({ ndf: losses.adversarial.channels, layers: losses.adversarial.layers }))
        : 0,
    ),
    part('perceptual network', perceptualParameters(losses.perceptual.network), false),
  ]
  return parts.filter(({ count, part: name }) => count > 0 || name === 'quantizer')
}

/** Bytes of a block of 32 weights: the values, a scale, a zero point in as many bits, in 4 bits an offset besides. */
const BLOCK_BYTES = { int8: 32 + 4 + 1, int4: 16 + 4 + 0.5 + 4 }

/**
 * Bytes of weights that no step changes, as they are kept: matrices by the config's storage, tables of embeddings and
 * logits in at least 8 bits, vectors in float32.
 */
export function storedBytes(specs: ParameterSpecs, storage: LanguageConfig['storage']): number {
  return Object.entries(specs).reduce((sum, [name, { shape }]) => {
    const size = sizeOf(shape)
    if (shape.length !== 2 || storage === 'float32') return sum + 4 * size
    if (storage === 'float16') return sum + 2 * size
    const table = name === EMBEDDING || name === HEAD
    return sum + (size / 32) * BLOCK_BYTES[storage === 'int4' && table ? 'int8' : storage]
  }, 0)
}
