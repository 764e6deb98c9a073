import { describe, expect, it } from 'vitest'
import { createWordTokenizer, wordLayout } from '../language/word-tokenizer.ts'
import { layoutOfSides } from './picture-layout.ts'
import { pictureStart, problemOf, promptOf, type SequenceRules, sequenceOf } from './sequence.ts'

const words = ['<pad>', '<unk>', '<s>', '</s>', 'what', 'is', 'this', '?', 'a', 'dog', 'paint', '.', '<image>']
const word = (text: string): number => words.indexOf(text)
const layout = layoutOfSides([2, 4])
/** Codes 100 to 119 in token order; their tokens are 1,000 more. */
const picture = {
  codes: Int32Array.from({ length: 20 }, (_, at) => 100 + at),
  features: Float32Array.from({ length: 8 }, (_, at) => at),
}
const rules: SequenceRules = {
  layout,
  tokens: {
    outputs: 2000,
    tokenOf: (code) => 1000 + code,
    codeOf: (token) => token - 1000,
    allowed: () => Int32Array.of(1100),
  },
  text: wordLayout(createWordTokenizer(words)),
  input: 'aggregated',
}
const shown = { kind: 'picture', picture: 0 } as const
const asked = {
  turns: [{ question: '<image> what is this ?', answer: 'a dog .' }],
  pictures: [{ picture: shown, form: 'read' as const }],
}
const painted = {
  turns: [{ question: 'paint a dog .', answer: '<image>' }],
  pictures: [{ picture: shown, form: 'flattened' as const }],
}

describe('a dialogue as positions', () => {
  it('reads each cell of the coarsest map as one vector of its own and its children’s codes', () => {
    const { positions, tokens, learned } = sequenceOf(asked, [picture], rules)
    expect(positions.slice(1, 5)).toEqual(
      [0, 1, 2, 3].map((cell) => ({ kind: 'cell', codes: picture.codes.subarray(cell * 5, cell * 5 + 5), cell })),
    )
    expect([...tokens]).toEqual([
      word('<s>'),
      ...[-1, -1, -1, -1],
      ...['what', 'is', 'this', '?', 'a', 'dog', '.', '</s>'].map(word),
    ])
    expect(learned).toEqual([...new Array(9).fill(false), true, true, true, true])
  })

  it('reads every code, or what the encoder gave, where the input says so', () => {
    const flattened = sequenceOf(asked, [picture], { ...rules, input: 'flattened' })
    expect(flattened.positions.slice(1, 21)).toEqual(
      Array.from(picture.codes, (code, at) => ({ kind: 'code', code, cell: Math.floor(at / 5), slot: at % 5 })),
    )
    expect([...flattened.tokens.slice(1, 21)]).toEqual(Array.from(picture.codes, (code) => 1000 + code))
    expect(flattened.learned.slice(0, 21)).not.toContain(true)
    const features = sequenceOf(asked, [picture], { ...rules, input: 'features' })
    expect(features.positions[2]).toEqual({ kind: 'features', features: Float32Array.of(2, 3), cell: 1 })
  })

  it('begins a picture as it was learned, with what the layout puts between question and answer', () => {
    const lead = word('a')
    const { layOut, prompt } = rules.text
    const led: SequenceRules = {
      ...rules,
      text: {
        ...rules.text,
        layOut: (turns) => {
          const at = prompt(turns.slice(0, -1), turns.at(-1)?.question ?? '').length
          const { ids, learned } = layOut(turns)
          return { ids: ids.toSpliced(at, 0, lead), learned: learned.toSpliced(at, 0, true) }
        },
      },
    }
    for (const each of [rules, led]) {
      const asking = { before: [], question: 'paint a dog .', places: [] }
      const prompted = promptOf(asking, [], each)
      const start = pictureStart(each).map((token) => ({ kind: 'text', token }))
      const { positions } = sequenceOf(painted, [picture], each)
      expect([...prompted, ...start]).toEqual(
        positions.slice(
          0,
          positions.findIndex(({ kind }) => kind === 'code'),
        ),
      )
    }
    expect(pictureStart(led)).toEqual([lead, word('<image>')])
  })

  it('learns a painted picture code by code behind its marker, and what closes the answer', () => {
    const { positions, tokens, learned } = sequenceOf(painted, [picture], rules)
    const from = positions.findIndex(({ kind }) => kind === 'code')
    expect(tokens[from - 1]).toBe(word('<image>'))
    expect([...tokens.slice(from, from + 20)]).toEqual(Array.from(picture.codes, (code) => 1000 + code))
    expect(learned.slice(0, from - 1)).not.toContain(true)
    expect(learned.slice(from - 1)).toEqual(new Array(22).fill(true))
    expect(tokens.at(-1)).toBe(word('</s>'))
  })

  it('takes the cells of a segment alone', () => {
    const part = { from: 1, to: 3 }
    const { positions } = sequenceOf(
      {
        turns: [{ question: '<image>', answer: '<image>' }],
        pictures: [
          { picture: shown, form: 'aggregated', cells: part },
          { picture: shown, form: 'flattened', cells: part },
        ],
      },
      [picture, picture],
      rules,
    )
    expect(positions.filter(({ kind }) => kind === 'cell')).toHaveLength(2)
    expect(positions.flatMap((position) => (position.kind === 'code' ? [position.code] : []))).toEqual(
      Array.from({ length: 10 }, (_, at) => 105 + at),
    )
  })

  it('says how a dialogue does not fit its pictures', () => {
    expect(() => sequenceOf({ ...asked, pictures: [] }, [], rules)).toThrow('1 times <image> for 0 pictures')
    const read = { ...painted, pictures: [{ picture: shown, form: 'read' as const }] }
    expect(() => sequenceOf(read, [picture], rules)).toThrow(
      'an answer shows a picture as aggregated, which is no token',
    )
  })

  it('says why it teaches nothing, or not all', () => {
    const sequence = sequenceOf(asked, [picture], rules)
    expect(problemOf(sequence, 13)).toBeNull()
    expect(problemOf(sequence, 12)).toBe('is longer than the context of 12 positions')
    expect(problemOf(sequence, 9)).toBe('has no answer token within the context of 9 positions')
    expect(problemOf({ ...sequence, learned: sequence.learned.map(() => false) }, 99)).toBe(
      'has no answer token to learn',
    )
  })
})

describe('a prompt', () => {
  it('ends where the answer begins, and is what the dialogue begins with', () => {
    const [question, places] = ['<image> what is this ?', asked.pictures]
    const prompt = promptOf({ before: [], question, places }, [picture], rules)
    expect(prompt).toEqual(sequenceOf(asked, [picture], rules).positions.slice(0, 9))
  })

  it('reads pictures of answers before it as they were learned, marker and all', () => {
    const turns = [...painted.turns, ...asked.turns]
    const pictures = [...painted.pictures, ...asked.pictures]
    const whole = sequenceOf({ turns, pictures }, [picture, picture], rules)
    const question = asked.turns[0]?.question as string
    const prompt = promptOf({ before: painted.turns, question, places: pictures }, [picture, picture], rules)
    expect(prompt).toEqual(whole.positions.slice(0, prompt.length))
    expect(whole.learned.lastIndexOf(false)).toBe(prompt.length - 1)
    const marked = prompt.findIndex((position) => position.kind === 'text' && position.token === word('<image>'))
    expect(prompt[marked + 1]?.kind).toBe('code')
  })
})
