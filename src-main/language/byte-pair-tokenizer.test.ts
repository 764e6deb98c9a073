import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeGguf, type MetadataValue } from '../../test/fakes/gguf-file.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { type BytePairVocabulary, createBytePairTokenizer } from './byte-pair-tokenizer.ts'
import { readGgufVocabulary } from './weights/gguf-vocabulary.ts'

/** Ġ is a space in the byte alphabet, Ã© the two bytes of é. */
const tokens = [
  '<|end|>',
  'a',
  'b',
  '1',
  '2',
  'Ġ',
  'Ã',
  '©',
  'ab',
  'Ġab',
  '12',
  'Ã©',
  'Ġ1',
  'aab',
  '<',
  '|',
  'e',
  'n',
  'd',
  '>',
]
const merges = ['a b', 'Ġ ab', '1 2', 'Ã ©', 'Ġ 1', 'a ab']
const vocabulary: BytePairVocabulary = { tokens, merges, special: [0], splitting: 'gpt-2' }
const id = (token: string): number => tokens.indexOf(token)

describe('the byte-pair tokenizer', () => {
  const tokenizer = createBytePairTokenizer(vocabulary)

  it('merges the pairs that come first in the list first', () => {
    expect(tokenizer.encode('ab')).toEqual([id('ab')])
    expect(tokenizer.encode('aab')).toEqual([id('aab')])
    expect(tokenizer.encode('ab ab')).toEqual([id('ab'), id('Ġab')])
    expect(tokenizer.encode('é')).toEqual([id('Ã©')])
  })

  it('splits numbers into digits where the vocabulary says so', () => {
    expect(tokenizer.encode('12 12')).toEqual(['12', 'Ġ', '12'].map(id))
    const single = createBytePairTokenizer({ ...vocabulary, splitting: 'smollm' })
    expect(single.encode('12 12')).toEqual(['1', '2', 'Ġ', '1', '2'].map(id))
  })

  it('takes a special token in a text as one, and writes it out unless told', () => {
    const ids = tokenizer.encode('ab<|end|>a')
    expect(ids).toEqual([id('ab'), 0, id('a')])
    expect(tokenizer.decode(ids)).toBe('ab<|end|>a')
    expect(tokenizer.decode(ids, { special: false })).toBe('aba')
    expect(tokenizer.encode('<|end')).toEqual(['<', '|', 'e', 'n', 'd'].map(id))
  })

  it('leaves out bytes that have no token', () => {
    expect(tokenizer.encode('aza')).toEqual([id('a'), id('a')])
  })

  it('decodes broken UTF-8 to replacement characters, nothing to nothing, and refuses unknown ids', () => {
    expect(tokenizer.decode([id('Ã'), id('a')])).toBe('\ufffda')
    expect(tokenizer.decode([])).toBe('')
    expect(() => tokenizer.decode([1, tokens.length])).toThrow(
      `token ${tokens.length} is not in the vocabulary of ${tokens.length}`,
    )
  })
})

describe('the vocabulary of a GGUF file', () => {
  const metadata: Record<string, MetadataValue> = {
    'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
    'tokenizer.ggml.pre': { type: 'string', value: 'smollm' },
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
    'tokenizer.ggml.merges': { type: 'strings', value: merges },
    'tokenizer.ggml.token_type': { type: 'i32s', value: tokens.map((_, at) => (at === 0 ? 3 : 1)) },
    'tokenizer.ggml.eos_token_id': { type: 'u32', value: 0 },
    'tokenizer.ggml.bos_token_id': { type: 'u32', value: 1 },
    'tokenizer.chat_template': { type: 'string', value: '{{ messages }}' },
  }
  function file(changes: Record<string, MetadataValue> = {}): string {
    const path = join(temporaryFolder(), 'model.gguf')
    writeFileSync(path, encodeGguf({ ...metadata, ...changes }, []))
    return path
  }

  it('has tokens, merges, special tokens and the template', async () => {
    expect(await readGgufVocabulary(file())).toEqual({
      ...{ tokens, merges, special: [0], splitting: 'smollm' },
      ...{ end: 0, begin: null, bos: 1, pad: 0, chatTemplate: '{{ messages }}' },
    })
    const begins = await readGgufVocabulary(file({ 'tokenizer.ggml.add_bos_token': { type: 'bool', value: 1 } }))
    expect(begins.begin).toBe(1)
  })

  it.each<[string, Record<string, MetadataValue>, string]>([
    ['of another kind', { 'tokenizer.ggml.model': { type: 'string', value: 'llama' } }, 'its tokenizer is "llama"'],
    [
      'that splits otherwise',
      { 'tokenizer.ggml.pre': { type: 'string', value: 'qwen2' } },
      'splits texts as "qwen2"; known are gpt-2, smollm, llama-bpe',
    ],
    [
      'whose tokens are no texts',
      { 'tokenizer.ggml.tokens': { type: 'i32s', value: [1] } },
      'tokenizer.ggml.tokens is missing or no list',
    ],
    [
      'without its end token',
      { 'tokenizer.ggml.eos_token_id': { type: 'u32', value: 99 } },
      `eos_token_id is 99, which is none of its ${tokens.length} tokens`,
    ],
  ])('%s is refused', async (_what, changes, message) => {
    await expect(readGgufVocabulary(file(changes))).rejects.toThrow(message)
  })
})
