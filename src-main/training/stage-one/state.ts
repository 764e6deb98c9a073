import { codebookRows, codeWidth } from '../../../src-shared/code-maps.ts'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { booksOf, meanCount } from '../../codebook/books.ts'
import { createRandom } from '../../data/random.ts'
import { gaussian, initialise } from '../../engine/initialise.ts'
import { parameter, prefixed } from '../../engine/parameters.ts'
import { float32, type HostTensor, int32, STATE_PREFIX, scalar } from '../../engine/runtimes/runtime.ts'
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

/** Outputs of a program that replace entries of the state. */
export const toState = (entries: Record<string, Tensor>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(entries).map(([name, tensor]) => [STATE_PREFIX + name, tensor]))
