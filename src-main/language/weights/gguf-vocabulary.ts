import type { BytePairVocabulary, Splitting } from '../byte-pair-tokenizer.ts'
import { type GgufWeights, openGguf } from './gguf.ts'
import { WeightsError } from './weight-file.ts'

/** The vocabulary of a GGUF file, and what the file says about its use. */
export interface GgufVocabulary extends BytePairVocabulary {
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

const SPLITTINGS: readonly string[] = ['gpt-2', 'smollm'] satisfies Splitting[]
/** Kinds of tokens in tokenizer.ggml.token_type that are found in a text as they stand. */
const CONTROL = 3
const USER_DEFINED = 4

/** @throws WeightsError if the file has no byte-level BPE vocabulary, or one that splits texts in an unknown way */
export async function readGgufVocabulary(path: string): Promise<GgufVocabulary> {
  const gguf = await openGguf(path)
  try {
    return vocabularyOf(gguf)
  } finally {
    await gguf.close()
  }
}

function vocabularyOf({ metadata, path }: GgufWeights): GgufVocabulary {
  const model = metadata.get('tokenizer.ggml.model')
  if (model !== 'gpt2')
    throw new WeightsError(`${path}: its tokenizer is ${JSON.stringify(model)}; byte-level BPE ("gpt2") can be read`)
  const splitting = metadata.get('tokenizer.ggml.pre')
  if (typeof splitting !== 'string' || !SPLITTINGS.includes(splitting))
    throw new WeightsError(
      `${path}: its tokenizer splits texts as ${JSON.stringify(splitting)}; known are ${SPLITTINGS.join(' and ')}`,
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
  const id = (key: string): number => {
    const value = metadata.get(`tokenizer.ggml.${key}`)
    if (whole(value) && tokens[value] !== undefined) return value
    throw new WeightsError(
      `${path}: tokenizer.ggml.${key} is ${String(value)}, which is none of its ${tokens.length} tokens`,
    )
  }
  const template = metadata.get('tokenizer.chat_template')
  return {
    tokens,
    merges,
    special: tokens.flatMap((_, at) => (kinds[at] === CONTROL || kinds[at] === USER_DEFINED ? [at] : [])),
    splitting: splitting as Splitting,
    end: id('eos_token_id'),
    bos: metadata.has('tokenizer.ggml.bos_token_id') ? id('bos_token_id') : null,
    pad: id(metadata.has('tokenizer.ggml.padding_token_id') ? 'padding_token_id' : 'eos_token_id'),
    begin: metadata.get('tokenizer.ggml.add_bos_token') === true ? id('bos_token_id') : null,
    chatTemplate: typeof template === 'string' ? template : '',
  }
}
