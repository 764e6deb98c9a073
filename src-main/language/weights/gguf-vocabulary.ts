import type { BytePairVocabulary, Splitting } from '../byte-pair-tokenizer.ts'
import { type GgufWeights, openGguf } from './gguf.ts'
import { WeightsError } from './weight-file.ts'

/** What a GGUF file says about the use of its vocabulary. */
export interface VocabularyUse {
  /** Token that ends an answer. */
  end: number
  /** Token that begins every text, or null if none is put there. */
  begin: number | null
  /** Token that templates call bos_token, put there or not; null if the file names none. */
  bos: number | null
  /** Token that fills up sequences: the file's own, or the one that ends an answer. */
  pad: number
  /** Jinja template that lays out a dialogue; '' if there is none. */
  chatTemplate: string
}

/** A byte-level BPE vocabulary of a GGUF file. */
export type GgufVocabulary = BytePairVocabulary & VocabularyUse

/** What a GGUF file calls ways of splitting texts. */
const SPLITTINGS: Readonly<Record<string, Splitting>> = { 'gpt-2': 'gpt-2', smollm: 'smollm', 'llama-bpe': 'llama-3' }

/** Kinds of tokens in tokenizer.ggml.token_type that are found in a text as they stand. */
const CONTROL = 3
const USER_DEFINED = 4

/** @throws WeightsError if the file has no byte-level BPE vocabulary, or one that splits texts in an unknown way */
export async function readGgufVocabulary(path: string): Promise<GgufVocabulary> {
  const gguf = await openGguf(path)
  try {
    return bytePairVocabulary(gguf)
  } finally {
    await gguf.close()
  }
}

/** @throws WeightsError as readGgufVocabulary */
export function bytePairVocabulary(gguf: GgufWeights): GgufVocabulary {
  const { metadata, path } = gguf
  const model = metadata.get('tokenizer.ggml.model')
  if (model !== 'gpt2')
    throw new WeightsError(`${path}: its tokenizer is ${JSON.stringify(model)}; byte-level BPE ("gpt2") can be read`)
  const pre = metadata.get('tokenizer.ggml.pre')
  const splitting = typeof pre === 'string' && Object.hasOwn(SPLITTINGS, pre) ? SPLITTINGS[pre] : undefined
  if (!splitting)
    throw new WeightsError(
      `${path}: its tokenizer splits texts as ${JSON.stringify(pre)}; known are ${Object.keys(SPLITTINGS).join(', ')}`,
    )
  const list = <Kind>(key: string, is: (element: unknown) => element is Kind): readonly Kind[] => {
    const value = metadata.get(`tokenizer.ggml.${key}`)
    if (Array.isArray(value) && value.every(is)) return value
    throw new WeightsError(`${path}: tokenizer.ggml.${key} is missing or no list of the right kind`)
  }
  const text = (element: unknown): element is string => typeof element === 'string'
  const whole = (element: unknown): element is number => Number.isSafeInteger(element)
  const tokens = list('tokens', text)
  const merges = list('merges', text)
  const kinds = list('token_type', whole)
  return {
    tokens,
    merges,
    special: tokens.flatMap((_, at) => (kinds[at] === CONTROL || kinds[at] === USER_DEFINED ? [at] : [])),
    splitting,
    ...vocabularyUse(gguf, tokens.length, splitting === 'llama-3'),
  }
}

/** @param begins whether texts of such a vocabulary begin with a token if the file does not say */
export function vocabularyUse({ metadata, path }: GgufWeights, tokens: number, begins: boolean): VocabularyUse {
  const id = (key: string): number => {
    const value = metadata.get(`tokenizer.ggml.${key}`)
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < tokens) return value
    throw new WeightsError(`${path}: tokenizer.ggml.${key} is ${String(value)}, which is none of its ${tokens} tokens`)
  }
  const added = metadata.get('tokenizer.ggml.add_bos_token')
  const template = metadata.get('tokenizer.chat_template')
  return {
    end: id('eos_token_id'),
    bos: metadata.has('tokenizer.ggml.bos_token_id') ? id('bos_token_id') : null,
    pad: id(metadata.has('tokenizer.ggml.padding_token_id') ? 'padding_token_id' : 'eos_token_id'),
    begin: added === true || (added !== false && begins) ? id('bos_token_id') : null,
    chatTemplate: typeof template === 'string' ? template : '',
  }
}
