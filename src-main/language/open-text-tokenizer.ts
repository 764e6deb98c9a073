import { statSync } from 'node:fs'
import { bytesOfToken, showBytes } from './byte-alphabet.ts'
import { createBytePairTokenizer } from './byte-pair-tokenizer.ts'
import { openHuggingFaceTokenizer } from './hugging-face-tokenizer.ts'
import type { TextTokenizer } from './text-tokenizer.ts'
import { createJsonTokenizer } from './tokenizer-json.ts'
import { type GgufWeights, openGguf } from './weights/gguf.ts'
import { readSentencePiece, sentencePieceJson } from './weights/gguf-sentence-piece.ts'
import { bytePairVocabulary, type VocabularyUse, vocabularyUse } from './weights/gguf-vocabulary.ts'
import { WeightsError } from './weights/weight-file.ts'

/**
 * The tokenizer that a model's files carry.
 * @param path Hugging Face folder or GGUF file
 * @throws WeightsError saying what is missing or cannot be used
 */
export async function openTextTokenizer(path: string): Promise<TextTokenizer> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return openHuggingFaceTokenizer(path)
  const gguf = await openGguf(path)
  try {
    return gguf.metadata.get('tokenizer.ggml.model') === 'llama'
      ? sentencePieceTokenizer(gguf)
      : bytePairTokenizer(gguf)
  } finally {
    await gguf.close()
  }
}

const shared = ({ end, begin, pad, chatTemplate }: VocabularyUse) => ({ end, begin, pad, chatTemplate })

function bytePairTokenizer(gguf: GgufWeights): TextTokenizer {
  const vocabulary = bytePairVocabulary(gguf)
  const { tokens, bos } = vocabulary
  const { encode, decode } = createBytePairTokenizer(vocabulary)
  const special = new Set(vocabulary.special)
  return {
    ...{ size: tokens.length, encode, decode, special },
    ...shared(vocabulary),
    beginText: bos === null ? '' : (tokens[bos] as string),
    show: (id) => {
      const token = tokens[id] ?? ''
      const bytes = special.has(id) ? null : bytesOfToken(token)
      return bytes ? showBytes(bytes) : token
    },
  }
}

function sentencePieceTokenizer(gguf: GgufWeights): TextTokenizer {
  const vocabulary = readSentencePiece(gguf.metadata)
  if (typeof vocabulary === 'string') throw new WeightsError(`${gguf.path}: ${vocabulary}`)
  const use = vocabularyUse(gguf, vocabulary.tokens.length, true)
  const { size, encode, decode, show, special } = createJsonTokenizer(sentencePieceJson(vocabulary))
  return {
    ...{ size, encode, decode, show, special },
    ...shared(use),
    beginText: use.bos === null ? '' : (vocabulary.tokens[use.bos] as string),
  }
}
