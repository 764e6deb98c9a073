import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWordTokenizer, learnWords, SPECIAL } from './word-tokenizer.ts'

const pairs = [
  { question: 'what is this?', answer: 'it is an apple' },
  { question: 'what is that?', answer: 'that is a pear' },
]

describe('the vocabulary', () => {
  it('has the special tokens first, then the words by falling frequency, equal ones in alphabetical order', () => {
    expect(learnWords(pairs, 1)).toEqual([
      '<pad>', '<unk>', '<s>', '</s>',
      'is', 'what', 'a', 'an', 'apple', 'it', 'pear', 'that', 'that?', 'this?',
    ]) // biome-ignore format: a list of words
  })

  it('leaves out words that are seen too seldom, and special tokens in the text', () => {
    expect(learnWords(pairs, 2).slice(4)).toEqual(['is', 'what'])
    expect(learnWords([{ question: '<s> <s> yes', answer: '<unk>' }], 1).slice(4)).toEqual(['yes'])
    expect(learnWords([], 1)).toEqual(['<pad>', '<unk>', '<s>', '</s>'])
  })

  it('does not depend on the order of the pairs', () => {
    expect(learnWords(pairs.toReversed(), 1)).toEqual(learnWords(pairs, 1))
  })
})

describe('the word tokenizer', () => {
  const tokenizer = createWordTokenizer(learnWords(pairs, 1))

  it('decodes what it encoded, for any sentence of known words', () => {
    const known = fc.array(fc.constantFrom(...tokenizer.tokens.slice(4)))
    fc.assert(
      fc.property(known, fc.constantFrom(' ', '  ', '\n', '\t '), (words, space) => {
        const ids = tokenizer.encode(words.join(space))
        expect(ids.length).toBe(words.length)
        expect(tokenizer.decode(ids)).toBe(words.join(' '))
      }),
    )
  })

  it('gives one id for every word that it does not know', () => {
    expect(tokenizer.encode('what is a zebra Is')).toEqual([5, 4, 6, SPECIAL.unknown, SPECIAL.unknown])
    expect(tokenizer.encode(' ')).toEqual([])
    expect(tokenizer.decode([4, 999])).toBe('is <unk>')
  })
})
