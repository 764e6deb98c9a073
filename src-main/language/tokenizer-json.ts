import { Tokenizer } from '@huggingface/tokenizers'
import { z } from 'zod'
import { bytesOfToken, showBytes } from './byte-alphabet.ts'
import { byteFallbackDecoder } from './byte-fallback.ts'
import type { TextTokenizer } from './text-tokenizer.ts'

/** What a tokenizer.json says by itself; which token ends an answer, and the chat template, stand elsewhere. */
export interface JsonTokenizer extends Pick<TextTokenizer, 'size' | 'encode' | 'decode' | 'show' | 'special'> {
  /** Ids that are put before every text. */
  before: number[]
  /** Id of a token's text; undefined if there is none. */
  idOf(token: string): number | undefined
}

const id = z.int().min(0).max(10_000_000)
const schema = z.looseObject({
  added_tokens: z.array(z.looseObject({ id, content: z.string(), special: z.boolean() })).default([]),
  model: z.looseObject({
    type: z.enum(['BPE', 'Unigram', 'WordPiece']).optional(),
    vocab: z.union([z.record(z.string(), id), z.array(z.tuple([z.string(), z.number()]))]),
  }),
  pre_tokenizer: z.unknown(),
  decoder: z.unknown(),
})

/** @throws Error saying what is wrong with the JSON */
export function createJsonTokenizer(json: unknown): JsonTokenizer {
  const parsed = schema.safeParse(json)
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
  const read = parsed.data
  const tokenizer = new Tokenizer({ ...read, pre_tokenizer: anyDigits(read.pre_tokenizer) }, {})
  const texts = new Map<number, string>()
  if (Array.isArray(read.model.vocab)) for (const [at, [token]] of read.model.vocab.entries()) texts.set(at, token)
  else for (const [token, at] of Object.entries(read.model.vocab)) texts.set(at, token)
  const added = new Set<number>()
  const special = new Set<number>()
  for (const token of read.added_tokens) {
    texts.set(token.id, token.content)
    added.add(token.id)
    if (token.special) special.add(token.id)
  }
  const ids = new Map(Array.from(texts, ([at, text]) => [text, at]))
  const size = [...texts.keys()].reduce((most, at) => Math.max(most, at + 1), 0)
  const join = byteFallbackDecoder(read.decoder)
  const encode = (text: string, whole = false): number[] => {
    const { ids } = tokenizer.encode(text, { add_special_tokens: whole })
    // A piece for which the vocabulary has no token, nor one for the unknown, is left out, as in the original.
    return (ids as (number | undefined)[]).filter((id) => id !== undefined)
  }
  return {
    size,
    special,
    encode: (text) => encode(text),
    decode: (list, { special: written = true } = {}) => {
      const wrong = list.find((each) => !texts.has(each))
      if (wrong !== undefined) throw new RangeError(`token ${wrong} is not in the vocabulary of ${size}`)
      const shown = written ? [...list] : list.filter((each) => !special.has(each))
      if (join) return join(shown.map((each) => texts.get(each) as string))
      if (shown.length === 0) return ''
      return tokenizer.decode(shown, { skip_special_tokens: false, clean_up_tokenization_spaces: false })
    },
    show: (each) => {
      const text = texts.get(each) ?? ''
      if (added.has(each)) return text
      if (join) return text.replaceAll('▁', ' ')
      const bytes = bytesOfToken(text)
      return bytes ? showBytes(bytes) : text
    },
    before: putBefore(encode('a'), encode('a', true)),
    idOf: (token) => ids.get(token),
  }
}

/** What stands before a text's own ids. */
function putBefore(own: readonly number[], whole: readonly number[]): number[] {
  for (let at = 0; at + own.length <= whole.length; at++)
    if (own.every((id, index) => whole[at + index] === id)) return whole.slice(0, at)
  return []
}

/** The library's "Digits" knows 0 to 9 alone; the original takes any script's digits and numbers. */
function anyDigits(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json
  const { type, pretokenizers, individual_digits } = json as Record<string, unknown>
  if (type === 'Sequence' && Array.isArray(pretokenizers))
    return { ...json, pretokenizers: pretokenizers.map(anyDigits) }
  if (type !== 'Digits') return json
  const pattern = { Regex: individual_digits === true ? '\\p{N}' : '\\p{N}+' }
  return { type: 'Split', pattern, behavior: 'Isolated', invert: false }
}
