import { describe, expect, it } from 'vitest'
import { TextStream } from './text-stream.ts'
import { createWordTokenizer, learnWords, wordLayout } from './word-tokenizer.ts'

describe('text that comes token by token', () => {
  it('adds up to the whole text, with the spaces between words', () => {
    const words = createWordTokenizer(learnWords([{ question: 'a red square', answer: 'is here' }], 1))
    const stream = new TextStream(wordLayout(words))
    const pieces = words.encode('here is a square').map((id) => stream.push(id))
    expect(pieces).toEqual(['here', ' is', ' a', ' square'])
  })

  it('gives a character of several tokens when it is whole', () => {
    const bytes = [...new TextEncoder().encode('é🙂!')]
    const stream = new TextStream({ decode: (ids) => new TextDecoder().decode(Uint8Array.from(ids)) })
    expect(bytes.map((byte) => stream.push(byte))).toEqual(['', 'é', '', '', '', '🙂', '!'])
  })
})
