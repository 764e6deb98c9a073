import { statSync } from 'node:fs'
import { bytesOfToken, showBytes } from './byte-alphabet.ts'
import { createBytePairTokenizer } from './byte-pair-tokenizer.ts'
import { openHuggingFaceTokenizer } from './hugging-face-tokenizer.ts'
import type { TextTokenizer } from './text-tokenizer.ts'
import { readGgufVocabulary } from './weights/gguf-vocabulary.ts'

/**
 * The tokenizer that a model's files carry.
 * @param path Hugging Face folder or GGUF file
 * @throws WeightsError saying what is missing or cannot be used
 */
export async function openTextTokenizer(path: string): Promise<TextTokenizer> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return openHuggingFaceTokenizer(path)
  const vocabulary = await readGgufVocabulary(path)
  const { tokens, begin, end, pad, chatTemplate } = vocabulary
  const { encode, decode } = createBytePairTokenizer(vocabulary)
  const special = new Set(vocabulary.special)
  return {
    ...{ size: tokens.length, encode, decode, special, begin, end, pad, chatTemplate },
    beginText: vocabulary.bos === null ? '' : (tokens[vocabulary.bos] as string),
    show: (id) => {
      const token = tokens[id] ?? ''
      const bytes = special.has(id) ? null : bytesOfToken(token)
      return bytes ? showBytes(bytes) : token
    },
  }
}
