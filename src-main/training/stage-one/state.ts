import { codebookRows, codeWidth, tokensPerPicture } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { StoredTensor, TensorFile } from '../../../src-shared/safetensors.ts'
import { createRandom } from '../../data/random.ts'
import { gaussian, initialise } from '../../engine/initialise.ts'
import { parameter, prefixed } from '../../engine/parameters.ts'
import { float32, type HostTensor, STATE_PREFIX, type State } from '../../engine/runtimes/runtime.ts'
import type { Tensor } from '../../engine/tf.ts'
import { EMBEDDING } from '../../language/llama.ts'
import { learnsParameter } from '../../tokenizers/encoder.ts'
import { createTokenizer } from '../../tokenizers/tokenizer.ts'
import { initialMoments } from '../optimizer.ts'
import { discriminatorParameters, discriminatorStatistics } from './discriminator-step.ts'
import type { LanguageSide } from './language-side.ts'

/** Names in the state of a Stage I run; tokenizer.*, language.* and discriminator.* hold the parameters, adam.* their moments. */
export const CODES = 'codebook.codes'
export const COUNTS = 'codebook.counts'
export const SUMS = 'codebook.sums'
export const LANGUAGE_TABLE = `language.${EMBEDDING}`

/** K: rows of the language model's table, or the config's own size, once for each layer that has a codebook of its own. */
export const codebookSize = (config: ExperimentConfig, vocabulary: number): number => codebookRows(config, vocabulary)

/** Vectors quantized per step, over all layers, divided by K: the mean running count of a code. */
export const meanCount = (config: ExperimentConfig, codes: number): number =>
  (config.training.batchSize * tokensPerPicture(config)) / codes

/** Everything that a run starts from: what is drawn, from its seed by name, and what of a pretrained model can change. */
export function initialState(
  config: ExperimentConfig,
  { vocabulary, initial, learns }: Pick<LanguageSide, 'vocabulary' | 'initial' | 'learns'>,
): Record<string, HostTensor> {
  const stream = (name: string) => createRandom(config.seed, 'parameter', name)
  const codes = codebookSize(config, vocabulary)
  const width = codeWidth(config)
  const visual = initialise(prefixed(createTokenizer(config).specs, 'tokenizer'), stream)
  const judging = initialise(discriminatorParameters(config), stream)
  const linguistic = prefixed(initial, 'language')
  const learned = prefixed(Object.fromEntries(learns.map((name) => [name, parameter(initial, name)])), 'language')
  const independent = config.codebook.paradigm === 'independent'
  const table = independent
    ? (initialise({ [CODES]: gaussian(1 / Math.sqrt(width), codes, width) }, stream)[CODES] as HostTensor)
    : // A frozen table is not read here: the codebook takes its rows before the first tokenizer step.
      (linguistic[LANGUAGE_TABLE] ?? float32(new Float32Array(codes * width), [codes, width]))
  return {
    ...visual,
    ...linguistic,
    ...judging,
    ...initialMoments({ ...learnedVisual(config, visual), ...learned, ...judging }),
    ...initialise(discriminatorStatistics(config), stream),
    [CODES]: table,
    [COUNTS]: float32(new Float32Array(codes).fill(independent ? 1 : meanCount(config, codes)), [codes]),
    ...(independent ? { [SUMS]: table } : {}),
  }
}

/** Those of the tokenizer's parameters that gradients change, by their names in the state. */
export const learnedVisual = <Leaf>(
  { tokenizer }: ExperimentConfig,
  parameters: Readonly<Record<string, Leaf>>,
): Record<string, Leaf> =>
  Object.fromEntries(
    Object.entries(parameters).filter(([name]) => learnsParameter(tokenizer, name.slice('tokenizer.'.length))),
  )

/** Where a run stands; together with the tensors it decides everything that follows. */
export interface Position {
  /** Tokenizer steps done. */
  step: number
  /** Language-model steps done. */
  languageSteps: number
  /** Held-out text perplexity before the first tokenizer step, the yardstick of the collapse alarm; null before it is known. */
  firstPerplexity: number | null
  /** Names of alarms already raised. */
  alarms: string[]
  /** Tokenizer steps that were done when somebody switched the discriminator off; null while nobody has. */
  discriminatorOff: number | null
}

export const start: Position = {
  step: 0,
  languageSteps: 0,
  firstPerplexity: null,
  alarms: [],
  discriminatorOff: null,
}

/** Metadata key of the pretrained model's identity. */
const MODEL = 'model'
/** Prefix of a checkpoint's tensors that are no part of the state: what a run remembers beside the graph. */
const RECORD_PREFIX = 'record.'

/**
 * The state, the position and the records as the contents of a checkpoint. Frozen weights are not in it, only whose they are.
 * @param model identity of the pretrained model; '' for none
 */
export async function toCheckpoint(
  state: State,
  position: Position,
  records: Record<string, StoredTensor>,
  model: string,
): Promise<{ tensors: Record<string, StoredTensor>; metadata: Record<string, string> }> {
  const tensors: Record<string, StoredTensor> = {}
  for (const name of state.names()) {
    if (state.frozen?.tensors[name]) continue
    const { data, shape } = await state.read(name)
    tensors[name] = { dtype: 'F32', shape: [...shape], data: data as Float32Array }
  }
  for (const [name, tensor] of Object.entries(records)) tensors[RECORD_PREFIX + name] = tensor
  return { tensors, metadata: { position: JSON.stringify(position), ...(model ? { [MODEL]: model } : {}) } }
}

/**
 * The inverse of toCheckpoint.
 * @param expected the state that the config asks for; names and shapes must agree
 * @throws Error naming the first entry that does not fit, or the model if it is another one
 */
export function fromCheckpoint(
  file: TensorFile,
  expected: Record<string, HostTensor>,
  model: string,
): { tensors: Record<string, HostTensor>; position: Position; records: Record<string, StoredTensor> } {
  const written = file.metadata[MODEL] ?? ''
  if (written !== model)
    throw new Error(
      `the checkpoint was written over the language model ${written || 'of its own'}, but this is ${model || 'one of its own'}; put the same file back, or clone the run to begin anew`,
    )
  const tensors: Record<string, HostTensor> = {}
  for (const [name, { shape }] of Object.entries(expected)) {
    const stored = file.tensors[name]
    if (!stored) throw new Error(`the checkpoint lacks "${name}" [${shape}]: it belongs to another config`)
    if (stored.dtype !== 'F32' || `${stored.shape}` !== `${shape}`)
      throw new Error(
        `the checkpoint's "${name}" is ${stored.dtype} [${stored.shape}], the config asks for F32 [${shape}]`,
      )
    tensors[name] = float32(stored.data as Float32Array, shape)
  }
  if (!file.metadata.position) throw new Error('the checkpoint does not say at which step it was taken')
  const records: Record<string, StoredTensor> = {}
  for (const [name, tensor] of Object.entries(file.tensors))
    if (name.startsWith(RECORD_PREFIX)) records[name.slice(RECORD_PREFIX.length)] = tensor
  return { tensors, position: { ...start, ...(JSON.parse(file.metadata.position) as Position) }, records }
}

/** Outputs of a program that replace entries of the state. */
export const toState = (entries: Record<string, Tensor>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(entries).map(([name, tensor]) => [STATE_PREFIX + name, tensor]))
