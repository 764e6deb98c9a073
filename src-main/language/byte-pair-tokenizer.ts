import { Tokenizer } from '@huggingface/tokenizers'

/** A vocabulary that a model file carries. */
export interface BytePairVocabulary {
  /** Text of each token in the byte alphabet of GPT-2, [K]. */
  tokens: readonly string[]
  /** Ids of tokens that stand for themselves in a text and are never split or made by merging, such as <|im_start|>. */
  special: readonly number[]
  /** Pairs "left right", those that are merged first before the others. */
  merges: readonly string[]
  splitting: Splitting
}

/**
 * How a text falls into the pieces within which bytes are merged: as GPT-2 does it (words with the space before them,
 * numbers, punctuation), with each digit a piece of its own besides (SmolLM), or as LLaMA 3 does it, with numbers of three
 * digits at most, words with any one character before them, and pieces that are tokens taken whole.
 */
export type Splitting = 'gpt-2' | 'smollm' | 'llama-3'

/** The expression that LLaMA 3's tokenizer.json splits by. */
const LLAMA_3 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

export interface BytePairTokenizer {
  /** Text of each id in the byte alphabet, [K]. */
  tokens: readonly string[]
  /** Bytes for which the vocabulary has no token are left out, as in llama.cpp and in the tokenizers library. */
  encode(text: string): number[]
  /**
   * Bytes that are no UTF-8 become U+FFFD.
   * @param options.special whether special tokens are written out; true unless given
   * @throws RangeError for an id that is not in the vocabulary
   */
  decode(ids: readonly number[], options?: { special?: boolean }): string
}

/** A byte-level BPE tokenizer (Sennrich et al. 2016; Radford et al. 2019). */
export function createBytePairTokenizer(vocabulary: BytePairVocabulary): BytePairTokenizer {
  const { tokens, special } = vocabulary
  const tokenizer = new Tokenizer(tokenizerJson(vocabulary), {})
  const specialIds = new Set(special)
  return {
    tokens,
    encode: (text) => {
      const { ids } = tokenizer.encode(text, { add_special_tokens: false })
      return (ids as (number | undefined)[]).filter((id) => id !== undefined)
    },
    decode: (ids, { special: written = true } = {}) => {
      const wrong = ids.find((id) => tokens[id] === undefined)
      if (wrong !== undefined) throw new RangeError(`token ${wrong} is not in the vocabulary of ${tokens.length}`)
      const shown = written ? [...ids] : ids.filter((id) => !specialIds.has(id))
      if (shown.length === 0) return ''
      return tokenizer.decode(shown, { skip_special_tokens: false, clean_up_tokenization_spaces: false })
    },
  }
}

/** The same in the tokenizers library's own format. */
function tokenizerJson({ tokens, special, merges, splitting }: BytePairVocabulary): object {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
  // Any script's digits, as \p{N} in llama.cpp; the library's own "Digits" knows 0 to 9 alone.
  const digits = { type: 'Split', pattern: { Regex: '\\p{N}' }, behavior: 'Isolated', invert: false }
  const llama3 = { type: 'Split', pattern: { Regex: LLAMA_3 }, behavior: 'Isolated', invert: false }
  const pretokenizers: Record<Splitting, object[]> = {
    'gpt-2': [byteLevel],
    smollm: [digits, byteLevel],
    'llama-3': [llama3, { ...byteLevel, use_regex: false }],
  }
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((id) => ({
      id,
      content: tokens[id],
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: pretokenizers[splitting] },
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: splitting === 'llama-3',
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  }
}
