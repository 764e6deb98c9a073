import { describe, expect, it } from 'vitest'
import type { AskedPicture } from '../../../../src-shared/contract/multimodal.ts'
import { lastThread, problemOfQuestion, promptAfter, withoutThread, withPlaces, writtenAnswer } from './conversation.ts'
import type { Answer } from './speech.ts'

const picture = (index: number): AskedPicture => ({ kind: 'picture', picture: index })
const painted: Answer = {
  parts: [
    { kind: 'text', text: 'like this: ' },
    { kind: 'picture', painted: [], codes: [[1], [2, 3, 4, 5]] },
    { kind: 'picture', painted: [], codes: null },
  ],
  end: null,
}

describe('questions that follow others', () => {
  const turns = [false, true, false, true, true].map((follows, name) => ({ name, follows }))
  const names = (list: typeof turns) => list.map(({ name }) => name)
  it('know those before them, back to one that began anew', () => {
    expect(names(lastThread(turns))).toEqual([2, 3, 4])
    expect(lastThread([])).toEqual([])
  })
  it('go with the one that they know', () => {
    expect(names(withoutThread(turns, 0))).toEqual([2, 3, 4])
    expect(names(withoutThread(turns, 3))).toEqual([0, 1, 2])
  })
})

describe('a question', () => {
  it('gets a place before it for each picture that it does not name', () => {
    expect(withPlaces('what is this?', 2)).toBe('<image>\n<image>\nwhat is this?')
    expect(withPlaces('is <image> like the first?', 2)).toBe('<image>\nis <image> like the first?')
    expect(withPlaces('hello', 0)).toBe('hello')
  })
  it('says which pictures are wanting', () => {
    expect(problemOfQuestion('what is <image>?', 0)).toContain('no picture is chosen')
    expect(problemOfQuestion('<image> or <image>?', 1)).toContain('2 times, but 1 picture is chosen')
    expect(problemOfQuestion('what is <image>?', 1)).toBeNull()
    expect(problemOfQuestion('  ', 0)).toBe('Write a question or a request.')
  })
})

it('writes an answer with a place for each whole picture', () => {
  expect(writtenAnswer(painted)).toEqual({
    text: 'like this: <image>',
    pictures: [{ kind: 'codes', codes: [[1], [2, 3, 4, 5]] }],
  })
})

it('asks after what was said before, with the pictures in the order of the texts', () => {
  const prompt = promptAfter([{ question: 'paint it', pictures: [picture(3)], answer: painted }], 'and this?', [
    picture(7),
  ])
  expect(prompt.before).toEqual([{ question: '<image>\npaint it', answer: 'like this: <image>' }])
  expect(prompt.question).toBe('<image>\nand this?')
  expect(prompt.pictures.map((one) => (one.kind === 'picture' ? one.picture : 'codes'))).toEqual([3, 'codes', 7])
})
