import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { openTextTokenizer } from './open-text-tokenizer.ts'

const added = (id: number, content: string, special = true) => ({
  ...{ id, content, special },
  ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
})
const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
const json = {
  version: '1.0',
  added_tokens: [added(0, '<s>'), added(1, '</s>')],
  normalizer: null,
  pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel] },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { '<s>': { id: '<s>', ids: [0], tokens: ['<s>'] } },
  },
  decoder: byteLevel,
  model: {
    type: 'BPE',
    vocab: { '<s>': 0, '</s>': 1, a: 2, b: 3, ab: 4, 1: 5, Ã: 6, '©': 7, Ġ: 8 },
    merges: ['a b', '1 1'],
  },
}

describe('the tokenizer of a Hugging Face folder', () => {
  let folder: string
  const put = (name: string, content: unknown) =>
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  beforeEach(() => {
    folder = join(temporaryFolder(), 'model')
    mkdirSync(folder)
    put('tokenizer.json', json)
  })

  it('encodes, decodes and shows its tokens', async () => {
    put('tokenizer_config.json', { bos_token: '<s>', eos_token: { content: '</s>' }, pad_token: null })
    const tokenizer = await openTextTokenizer(folder)
    expect(tokenizer.encode('ab 11é</s>')).toEqual([4, 8, 5, 5, 6, 7, 1])
    expect(tokenizer.decode([0, 4, 6, 7, 1])).toBe('<s>abé</s>')
    expect(tokenizer.decode([0, 4, 6, 7, 1], { special: false })).toBe('abé')
    expect([4, 8, 6, 1].map(tokenizer.show)).toEqual(['ab', ' ', '<0xC3>', '</s>'])
    expect(() => tokenizer.decode([99])).toThrow('token 99 is not in the vocabulary of 9')
    expect(tokenizer).toMatchObject({ size: 9, begin: 0, beginText: '<s>', end: 1, pad: 1, chatTemplate: '' })
  })

  it('takes the template of its own file before the one in the settings, and the default one of several', async () => {
    const settings = {
      eos_token: '</s>',
      chat_template: [
        { name: 'tools', template: 't' },
        { name: 'default', template: 'd' },
      ],
    }
    put('tokenizer_config.json', settings)
    expect((await openTextTokenizer(folder)).chatTemplate).toBe('d')
    put('chat_template.jinja', 'own')
    expect((await openTextTokenizer(folder)).chatTemplate).toBe('own')
  })

  it('learns from config.json which token ends an answer, where the settings do not say', async () => {
    put('config.json', { eos_token_id: [1, 0] })
    expect((await openTextTokenizer(folder)).end).toBe(1)
    put('tokenizer_config.json', { add_bos_token: false })
    expect((await openTextTokenizer(folder)).begin).toBeNull()
  })

  it('names the file that is missing or wrong', async () => {
    await expect(openTextTokenizer(folder)).rejects.toThrow('says which token ends an answer')
    put('tokenizer_config.json', { eos_token: 7 })
    await expect(openTextTokenizer(folder)).rejects.toThrow('tokenizer_config.json')
    put('tokenizer_config.json', { eos_token: '</s>' })
    put('tokenizer.json', '{')
    await expect(openTextTokenizer(folder)).rejects.toThrow('tokenizer.json: is not JSON')
    put('tokenizer.json', { ...json, model: { type: 'Other', vocab: {} } })
    await expect(openTextTokenizer(folder)).rejects.toThrow('tokenizer.json cannot be used')
    await expect(openTextTokenizer(temporaryFolder())).rejects.toThrow('has no tokenizer.json')
  })
})
