import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { pretrainedEncoder } from '../../../src-shared/multimodal.ts'
import type { StoredTensor, TensorFile } from '../../../src-shared/safetensors.ts'
import { createRandom } from '../../data/random.ts'
import { readFrozen } from '../../engine/frozen/frozen-weights.ts'
import { initialise } from '../../engine/initialise.ts'
import { parameter, prefixed } from '../../engine/parameters.ts'
import { float32, type HostTensor, int32 } from '../../engine/runtimes/runtime.ts'
import { EMBEDDING } from '../../language/llama.ts'
import { CODE_ROWS, JOIN, meanJoin, multimodalSpecs, PLACES, slotWeights } from '../../multimodal/model.ts'
import { pictureLayout } from '../../multimodal/picture-layout.ts'
import type { PositionShape } from '../../multimodal/positions.ts'
import { initialMoments } from '../optimizer.ts'
import type { LanguageSide } from '../stage-one/language-side.ts'
import { CODES, IDS } from '../stage-one/state.ts'

/** Where Stage II stands; together with the tensors it decides everything that follows. */
export interface StageTwoPosition {
  /** Steps of Stage II done. */
  step: number
  /** sha256 of the pretrained network that reads pictures; absent where none does. */
  encoder?: string
}

/** The config of the language side in Stage II: tuned as `multimodal.tuning` says. */
export const languageConfig = (config: ExperimentConfig): ExperimentConfig => ({
  ...config,
  language: { ...config.language, tuning: config.multimodal.tuning },
})

/** What positions of a config's sequences can hold. @param width of a code, n */
export function positionShape(config: ExperimentConfig, width: number): PositionShape {
  const { multimodal } = config
  const { slots, cells } = pictureLayout(config)
  const encoderOnly = multimodal.paradigm === 'visual-encoder'
  const encoder = pretrainedEncoder(multimodal)
  return {
    slots: encoderOnly ? 0 : slots,
    features: encoder ? encoder.width : encoderOnly || multimodal.input === 'features' ? width : 0,
    weights: slotWeights(multimodal.aggregation, slots),
    places: multimodal.places === 'learned' ? (encoder?.patches ?? cells) : 0,
  }
}

/** Parameters that Stage II learns, by their names in the state. */
export const learnedNames = (
  config: ExperimentConfig,
  language: Pick<LanguageSide, 'learns'>,
  shape: PositionShape,
  codes: number,
): string[] => [
  ...language.learns.map((name) => `language.${name}`),
  ...Object.keys(multimodalSpecs(config, shape, codes)).map((name) => `multimodal.${name}`),
]

/** What a checkpoint of either stage holds of Stage I's tokenizer and codebook. @throws Error if it holds none */
export function keptState(checkpoint: TensorFile): Record<string, HostTensor> {
  const kept: Record<string, HostTensor> = {}
  for (const [name, tensor] of Object.entries(checkpoint.tensors))
    if (name.startsWith('tokenizer.') || name === CODES || name === IDS) kept[name] = hostTensor(tensor)
  if (!kept[CODES]) throw new Error(`the checkpoint of Stage I lacks "${CODES}": it does not hold a tokenizer`)
  return kept
}

/**
 * What Stage II starts from: tokenizer and codebook as Stage I left them, the language model as well where Stage I tuned
 * it, and what the paradigm adds.
 * @param stageOne the last checkpoint of Stage I
 * @throws Error if the checkpoint lacks a part, or its codebook does not fit the language model
 */
export async function stageTwoParameters(
  config: ExperimentConfig,
  stageOne: TensorFile,
  language: LanguageSide,
): Promise<Record<string, HostTensor>> {
  const kept = keptState(stageOne)
  const [codes, width] = (kept[CODES] as HostTensor).shape as [number, number]
  checkCodebook(config, { codes, width }, language)
  const linguistic = prefixed(language.initial, 'language')
  for (const [name, initial] of Object.entries(linguistic)) {
    const stored = stageOne.tensors[name]
    if (stored && `${stored.shape}` === `${initial.shape}`) linguistic[name] = hostTensor(stored)
  }
  const shape = positionShape(config, width)
  const own = initialise(prefixed(multimodalSpecs(config, shape, codes), 'multimodal'), (name) =>
    createRandom(config.seed, 'parameter', name),
  )
  const join = `multimodal.${JOIN}`
  if (own[join]) own[join] = meanJoin(shape.slots, config.language.width)
  const drawn = [CODE_ROWS, PLACES].flatMap((name) => own[`multimodal.${name}`] ?? [])
  if (drawn.length > 0) {
    const norm = await meanRowNorm(language, linguistic[`language.${EMBEDDING}`])
    for (const rows of drawn) scale(rows, norm)
  }
  return { ...kept, ...linguistic, ...own }
}

/** The moments of what learns, as they begin. @param learned of `learnedNames` */
export const momentsOf = (
  parameters: Readonly<Record<string, HostTensor>>,
  learned: readonly string[],
): Record<string, HostTensor> =>
  initialMoments(Object.fromEntries(learned.map((name) => [name, parameter(parameters, name)])))

function hostTensor({ dtype, shape, data }: StoredTensor): HostTensor {
  return dtype === 'I32' ? int32(data as Int32Array, shape) : float32(data as Float32Array, shape)
}

function checkCodebook(
  { codebook, multimodal, language: { width: languageWidth } }: ExperimentConfig,
  { codes, width }: { codes: number; width: number },
  { vocabulary }: Pick<LanguageSide, 'vocabulary'>,
): void {
  if (multimodal.paradigm !== 'unified') return
  if (width !== languageWidth || codes > vocabulary || (codebook.rows === 'all' && codes !== vocabulary))
    throw new Error(
      `the checkpoint's codebook has ${codes} codes of width ${width}, but the language model has ${vocabulary} tokens of width ${languageWidth}: they are not one codebook; train Stage I with this language model, or set multimodal.paradigm to "visual-tokenizer"`,
    )
}

/** Mean norm of the language model's rows, which new rows are given. */
async function meanRowNorm({ weights }: LanguageSide, held: HostTensor | undefined): Promise<number> {
  const table = held ?? (weights ? await readFrozen(weights, `language.${EMBEDDING}`) : null)
  if (!table) throw new Error('the language model has no embedding table')
  const [rows, width] = table.shape as [number, number]
  let sum = 0
  for (let row = 0; row < rows; row++) {
    let squares = 0
    for (let at = row * width; at < (row + 1) * width; at++) squares += (table.data[at] as number) ** 2
    sum += Math.sqrt(squares)
  }
  return sum / rows
}

function scale({ data }: HostTensor, factor: number): void {
  for (let at = 0; at < data.length; at++) data[at] = (data[at] as number) * factor
}
