import type { GgufValue } from './gguf-header.ts'

/** Kinds of tokens in tokenizer.ggml.token_type. */
const UNKNOWN = 2
const CONTROL = 3
const USER_DEFINED = 4

/** Lists of a GGUF file with a SentencePiece vocabulary, as LLaMA 1 and 2, Mistral and TinyLlama have. */
export interface SentencePieceVocabulary {
  tokens: readonly string[]
  /** Of each token; those of a higher score are merged first. */
  scores: readonly number[]
  kinds: readonly number[]
  /** Whether a space is put before every text. */
  spaceBefore: boolean
}

/**
 * The vocabulary as a tokenizer.json. SentencePiece's BPE knows no list of merges: two neighbours are merged if together they
 * are a token, the highest score first. So the merges are all the ways of making a token of two others, by its score.
 */
export function sentencePieceJson({ tokens, scores, kinds, spaceBefore }: SentencePieceVocabulary): object {
  const ids = new Map(tokens.map((token, id) => [token, id]))
  const merges: { left: string; right: string; score: number; order: readonly [number, number] }[] = []
  for (const [id, token] of tokens.entries()) {
    const characters = [...token]
    if (kinds[id] === CONTROL || kinds[id] === UNKNOWN || characters.length < 2) continue
    for (let cut = 1; cut < characters.length; cut++) {
      const [left, right] = [characters.slice(0, cut).join(''), characters.slice(cut).join('')]
      const order = [ids.get(left) ?? -1, ids.get(right) ?? -1] as const
      if (order[0] >= 0 && order[1] >= 0) merges.push({ left, right, score: scores[id] as number, order })
    }
  }
  merges.sort((a, b) => b.score - a.score || a.order[0] - b.order[0] || a.order[1] - b.order[1])
  const special = tokens.flatMap((content, id) => {
    const kind = kinds[id]
    if (kind !== CONTROL && kind !== USER_DEFINED && kind !== UNKNOWN) return []
    const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false }
    return [{ id, content, special: kind !== USER_DEFINED, ...plain }]
  })
  const spaces = { type: 'Replace', pattern: { String: ' ' }, content: '▁' }
  const decoders: object[] = [
    { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
  ]
  if (spaceBefore) decoders.push({ type: 'Strip', content: ' ', start: 1, stop: 0 })
  return {
    version: '1.0',
    added_tokens: special,
    normalizer: {
      type: 'Sequence',
      normalizers: spaceBefore ? [{ type: 'Prepend', prepend: '▁' }, spaces] : [spaces],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: 'Sequence', decoders },
    model: {
      type: 'BPE',
      unk_token: tokens[kinds.indexOf(UNKNOWN)] ?? null,
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries(ids),
      merges: merges.map(({ left, right }) => [left, right]),
    },
  }
}

/** The lists out of a file's metadata, or what is wrong with them. */
export function readSentencePiece(metadata: ReadonlyMap<string, GgufValue>): SentencePieceVocabulary | string {
  const list = (key: string, type: 'string' | 'number'): readonly unknown[] | null => {
    const value = metadata.get(`tokenizer.ggml.${key}`)
    return Array.isArray(value) && value.every((element) => typeof element === type) ? value : null
  }
  const [tokens, scores, kinds] = [list('tokens', 'string'), list('scores', 'number'), list('token_type', 'number')]
  for (const [key, found] of Object.entries({ tokens, scores, token_type: kinds }))
    if (!found) return `tokenizer.ggml.${key} is missing or no list of the right kind`
  const count = tokens?.length ?? 0
  if (scores?.length !== count || kinds?.length !== count)
    return `its ${count} tokens have ${scores?.length} scores and ${kinds?.length} kinds`
  return {
    tokens: tokens as readonly string[],
    scores: scores as readonly number[],
    kinds: kinds as readonly number[],
    spaceBefore: metadata.get('tokenizer.ggml.add_space_prefix') !== false,
  }
}
