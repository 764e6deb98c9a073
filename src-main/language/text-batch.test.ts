import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IGNORED_LABEL } from '../engine/operations/softmax-cross-entropy.ts'
import { textBatch, withoutLabels } from './text-batch.ts'
import { createWordTokenizer, learnWords, SPECIAL, wordLayout } from './word-tokenizer.ts'

const pairs = [
  { question: 'q1 q2', answer: 'a1 a2' },
  { question: 'q1', answer: 'a1' },
]
const tokenizer = createWordTokenizer(learnWords(pairs, 1))
const layout = wordLayout(tokenizer)
const dialogues = pairs.map((pair) => [pair])
const id = (word: string): number => tokenizer.encode(word)[0] as number
const _ = IGNORED_LABEL
const { begin, end, pad } = SPECIAL

describe('a text batch', () => {
  it('labels the answer and its closing token, each at the position before it, and nothing else', () => {
    const { tokens, labels } = textBatch(dialogues, layout, 8)
    expect(tokens.shape).toEqual([2, 8])
    expect(labels.shape).toEqual([16])
    expect([...tokens.data]).toEqual([
      ...[begin, id('q1'), id('q2'), id('a1'), id('a2'), end, pad, pad],
      ...[begin, id('q1'), id('a1'), end, pad, pad, pad, pad],
    ])
    expect([...labels.data]).toEqual([
      ...[_, _, id('a1'), id('a2'), end, _, _, _],
      ...[_, id('a1'), end, _, _, _, _, _],
    ])
  })

  it('cuts a pair at the context, and labels what is left of the answer', () => {
    const { tokens, labels } = textBatch(dialogues, layout, 4)
    expect([...tokens.data]).toEqual([begin, id('q1'), id('q2'), id('a1'), begin, id('q1'), id('a1'), end])
    expect([...labels.data]).toEqual([_, _, id('a1'), _, _, id('a1'), end, _])
  })

  it('labels nothing where the question alone fills the context, and names such pairs', () => {
    const { labels } = textBatch(dialogues, layout, 3)
    expect([...labels.data]).toEqual([_, _, _, _, id('a1'), _])
    expect(withoutLabels(dialogues, layout, 3)).toEqual([dialogues[0]])
    expect(withoutLabels(dialogues, layout, 4)).toEqual([])
    expect(withoutLabels(dialogues, layout, 2)).toEqual(dialogues)
  })

  it('has labels exactly for the pairs that are not named as having none', () => {
    const words = fc.array(fc.constantFrom('q1', 'q2', 'a1', 'a2'), { maxLength: 6 }).map((list) => list.join(' '))
    const pair = fc.record({ question: words, answer: words })
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 4 }), fc.integer({ min: 2, max: 10 }), (pairs, context) => {
        const dialogues = pairs.map((pair) => [pair])
        const { tokens, labels, masked } = textBatch(dialogues, layout, context)
        const without = withoutLabels(dialogues, layout, context)
        expect(masked).toBe(without.length)
        for (const [row, turns] of dialogues.entries()) {
          const own = labels.data.subarray(row * context, (row + 1) * context)
          expect(own.some((label) => label !== IGNORED_LABEL)).toBe(!without.includes(turns))
          // A label is always the token that follows.
          for (const [at, label] of own.entries())
            if (label !== IGNORED_LABEL) expect(tokens.data[row * context + at + 1]).toBe(label)
        }
      }),
    )
  })
})
