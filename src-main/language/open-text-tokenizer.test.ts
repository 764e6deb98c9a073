import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeGguf, type MetadataValue } from '../../test/fakes/gguf-file.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { openTextTokenizer } from './open-text-tokenizer.ts'

function gguf(metadata: Record<string, MetadataValue>): string {
  const path = join(temporaryFolder(), 'model.gguf')
  writeFileSync(path, encodeGguf(metadata, []))
  return path
}

describe('the SentencePiece vocabulary of a GGUF file', () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
  /** Text, score: those merged first have the highest. */
  const merged: [string, number][] = [
    ['er', -1],
    ['▁t', -2],
    ['▁th', -3],
    ['the', -4],
    ['▁the', -5],
    ['▁her', -6],
    ['he', -7],
  ]
  const letters = ['▁', 't', 'h', 'e', 'r', 'n']
  const tokens = ['<unk>', '<s>', '</s>', ...bytes, ...merged.map(([text]) => text), ...letters]
  const kinds = tokens.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1))
  const scores = tokens.map((token) => new Map(merged).get(token) ?? (letters.includes(token) ? -100 : 0))
  const metadata: Record<string, MetadataValue> = {
    'tokenizer.ggml.model': { type: 'string', value: 'llama' },
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
    'tokenizer.ggml.scores': { type: 'f32s', value: scores },
    'tokenizer.ggml.token_type': { type: 'i32s', value: kinds },
    'tokenizer.ggml.bos_token_id': { type: 'u32', value: 1 },
    'tokenizer.ggml.eos_token_id': { type: 'u32', value: 2 },
  }
  const texts = (ids: readonly number[]) => ids.map((id) => tokens[id])

  it('merges the neighbours of the highest score first, after a space in front', async () => {
    const tokenizer = await openTextTokenizer(gguf(metadata))
    expect(texts(tokenizer.encode('the'))).toEqual(['▁the'])
    expect(texts(tokenizer.encode('then there'))).toEqual(['▁the', 'n', '▁th', 'er', 'e'])
    expect(tokenizer.begin).toBe(1)
    expect(tokenizer.beginText).toBe('<s>')
    expect(tokenizer.end).toBe(2)
  })

  it('spells what it does not know byte by byte, and gives every text back', async () => {
    const tokenizer = await openTextTokenizer(gguf(metadata))
    expect(texts(tokenizer.encode('é'))).toEqual(['▁', '<0xC3>', '<0xA9>'])
    for (const text of ['the her', ' two  spaces', '日本\n🍎', '\ufeff', ''])
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
    expect(tokenizer.show(tokens.indexOf('▁the'))).toBe(' the')
    expect(texts(tokenizer.encode('the</s>'))).toEqual(['▁the', '</s>'])
  })

  it('puts no space in front where the file says so', async () => {
    const plain = { ...metadata, 'tokenizer.ggml.add_space_prefix': { type: 'bool', value: 0 } as const }
    const tokenizer = await openTextTokenizer(gguf(plain))
    expect(texts(tokenizer.encode('the'))).toEqual(['the'])
    expect(tokenizer.decode(tokenizer.encode(' the'))).toBe(' the')
  })

  it.each<[string, Record<string, MetadataValue>, string]>([
    ['without scores', { 'tokenizer.ggml.scores': { type: 'string', value: 'none' } }, 'scores is missing'],
    ['with too few scores', { 'tokenizer.ggml.scores': { type: 'f32s', value: [1] } }, 'have 1 scores'],
    ['without its end', { 'tokenizer.ggml.eos_token_id': { type: 'u32', value: 9999 } }, 'eos_token_id is 9999'],
  ])('%s is refused', async (_what, changes, message) => {
    await expect(openTextTokenizer(gguf({ ...metadata, ...changes }))).rejects.toThrow(message)
  })
})

describe('a byte-level vocabulary that splits as LLaMA 3', () => {
  const tokens = ['<|begin_of_text|>', '<|eot_id|>', '1', '2', '12', '123', 'a', 'b', 'ab', 'Ġ', 'Ġa', 'Ċ']
  const metadata: Record<string, MetadataValue> = {
    'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
    'tokenizer.ggml.pre': { type: 'string', value: 'llama-bpe' },
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
    'tokenizer.ggml.merges': { type: 'strings', value: ['1 2', 'Ġ a'] },
    'tokenizer.ggml.token_type': { type: 'i32s', value: tokens.map((_, id) => (id < 2 ? 3 : 1)) },
    'tokenizer.ggml.bos_token_id': { type: 'u32', value: 0 },
    'tokenizer.ggml.eos_token_id': { type: 'u32', value: 1 },
  }

  it('takes three digits together, and a piece that is a token whole', async () => {
    const tokenizer = await openTextTokenizer(gguf(metadata))
    const texts = (text: string) => tokenizer.encode(text).map((id) => tokens[id])
    // "123" and "ab" cannot be merged, but are tokens.
    expect(texts('12312')).toEqual(['123', '12'])
    expect(texts('ab a\n')).toEqual(['ab', 'Ġa', 'Ċ'])
    expect(texts('a<|eot_id|>')).toEqual(['a', '<|eot_id|>'])
    expect(tokenizer.begin).toBe(0)
  })
})
