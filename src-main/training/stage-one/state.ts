import { codebookRows, codeWidth } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import type { StoredTensor, TensorFile } from '../../../src-shared/safetensors.ts'
import { booksOf, meanCount } from '../../codebook/books.ts'
import { createRandom } from '../../data/random.ts'
import { gaussian, initialise } from '../../engine/initialise.ts'
import { parameter, prefixed } from '../../engine/parameters.ts'
import { float32, type HostTensor, int32, STATE_PREFIX, type State, scalar } from '../../engine/runtimes/runtime.ts'
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
/** int32 [K] token id of each code, where the codes are some of the vocabulary's rows. */
export const IDS = 'codebook.ids'
/** Release rule: what a row of the language model's table is multiplied by to lie among the codes. */
export const SCALE = 'codebook.scale'
export const LANGUAGE_TABLE = `language.${EMBEDDING}`

/** Everything that a run starts from: what is drawn, from its seed by name, and what of a pretrained model can change. */
export function initialState(
  config: ExperimentConfig,
  { vocabulary, initial, learns }: Pick<LanguageSide, 'vocabulary' | 'initial' | 'learns'>,
): Record<string, HostTensor> {
  const stream = (name: string) => createRandom(config.seed, 'parameter', name)
  const visual = initialise(prefixed(createTokenizer(config).specs, 'tokenizer'), stream)
  const judging = initialise(discriminatorParameters(config), stream)
  const linguistic = prefixed(initial, 'language')
  const learned = prefixed(Object.fromEntries(learns.map((name) => [name, parameter(initial, name)])), 'language')
  return {
    ...visual,
    ...linguistic,
    ...judging,
    ...initialMoments({ ...learnedVisual(config, visual), ...learned, ...judging }),
    ...initialise(discriminatorStatistics(config), stream),
    ...initialCodebook(config, vocabulary, linguistic[LANGUAGE_TABLE]),
  }
}

/**
 * An independent codebook begins at chance. Any other has only its shapes here: it takes its rows before the first
 * tokenizer step, from the language model as it then is.
 * @param language its table, where the state holds it
 */
function initialCodebook(
  config: ExperimentConfig,
  vocabulary: number,
  language: HostTensor | undefined,
): Record<string, HostTensor> {
  const { paradigm, rows, rule } = config.codebook
  const codes = codebookRows(config, vocabulary)
  const width = codeWidth(config)
  const independent = paradigm === 'independent'
  const counts = new Float32Array(codes)
  for (const book of booksOf(config, codes)) counts.fill(independent ? 1 : meanCount(book), book.first, book.end)
  const state: Record<string, HostTensor> = { [COUNTS]: float32(counts, [codes]) }
  if (independent) {
    const draw = (name: string) => createRandom(config.seed, 'parameter', name)
    const table = initialise({ [CODES]: gaussian(1 / Math.sqrt(width), codes, width) }, draw)[CODES] as HostTensor
    return { ...state, [CODES]: table, [SUMS]: table }
  }
  const zeros = () => float32(new Float32Array(codes * width), [codes, width])
  state[CODES] = language && rows === 'all' ? language : zeros()
  if (rows !== 'all')
    state[IDS] = int32(
      Int32Array.from({ length: codes }, (_, at) => at),
      [codes],
    )
  if (rule === 'release') Object.assign(state, { [SUMS]: zeros(), [SCALE]: scalar(1) })
  return state
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
  /** Mean norm of the codes before the first tokenizer step. */
  firstNorm: number | null
  /** Names of alarms already raised. */
  alarms: string[]
  /** Tokenizer steps that were done when somebody switched the discriminator off; null while nobody has. */
  discriminatorOff: number | null
}

export const start: Position = {
  step: 0,
  languageSteps: 0,
  firstPerplexity: null,
  firstNorm: null,
  alarms: [],
  discriminatorOff: null,
}

const storedType = (dtype: HostTensor['dtype']): 'F32' | 'I32' => (dtype === 'int32' ? 'I32' : 'F32')

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
    const { data, shape, dtype } = await state.read(name)
    tensors[name] = { dtype: storedType(dtype), shape: [...shape], data: data as Float32Array | Int32Array }
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
  for (const [name, { shape, dtype }] of Object.entries(expected)) {
    const type = storedType(dtype)
    const stored = file.tensors[name]
    if (!stored) throw new Error(`the checkpoint lacks "${name}" [${shape}]: it belongs to another config`)
    if (stored.dtype !== type || `${stored.shape}` !== `${shape}`)
      throw new Error(
        `the checkpoint's "${name}" is ${stored.dtype} [${stored.shape}], the config asks for ${type} [${shape}]`,
      )
    tensors[name] = { dtype, shape, data: stored.data as Float32Array | Int32Array }
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
