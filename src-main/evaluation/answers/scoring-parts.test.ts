import { describe, expect, it } from 'vitest'
import { readChoice } from './choice-letter.ts'
import { circularHits, isFirstRotation } from './circular.ts'
import { contractions, vizwizContractions } from './contractions.ts'
import { normalisers, remembering } from './normalise.ts'
import { matchOption } from './option-matching.ts'
import { length, strip, twoDecimals, words } from './python-text.ts'
import { questionInPrompt } from './textvqa-prompt.ts'
import { leaveOneOut, textVqaAgreement, vizwizAgreement, vqaV2Agreement } from './vqa-accuracy.ts'
import { countYesNo, readYesNo, yesNoMetrics } from './yes-no.ts'

describe('texts as Python takes them apart', () => {
  it('know its white space and no other', () => {
    expect(strip('\u0085\u001c\u3000 a \ufeff\u2003')).toBe('a \ufeff')
    expect(words('\u001da\u001fb\u200bc\u0085 d ')).toEqual(['a', 'b\u200bc', 'd'])
    expect(words(' \t\n')).toEqual([])
    expect(length('a😀猫')).toBe(3)
  })

  it('have two decimals, ties to the even digit', () => {
    expect([0.125, 0.375, 62.625, 0.005, 1.005, 100, 0, 43.07692307692308].map(twoDecimals)).toEqual([
      ...['0.12', '0.38', '62.62', '0.01', '1.00', '100.00', '0.00', '43.08'],
    ])
  })
})

describe('normalised answers', () => {
  it('are made by three published rules that differ', () => {
    const all = (text: string) => [normalisers.evalai(text), normalisers.vqa(text), normalisers.vizwiz(text)]
    expect(all("Priya's dont, a.b")).toEqual(["priya 's don't ab", "priya's don't ab", "priya's don’t ab"])
    expect(all('')).toEqual(['', '', ''])
    expect(all('the')).toEqual(['', '', ''])
    expect(all('1,000-a')).toEqual(['1000', '1000a', '1000a'])
  })

  it('lose 32 periods at most', () => {
    expect(normalisers.vqa('.'.repeat(40))).toBe('.'.repeat(8))
  })

  it('are the same when they are remembered, however long or many', () => {
    const normalise = remembering('vqa')
    for (const text of ['A dog', 'A dog', 'x'.repeat(1000), '']) expect(normalise(text)).toBe(normalisers.vqa(text))
  })

  it('have the tables of the published code', () => {
    const straight = {
      "couldn'tve": "couldn't've",
      "'ow'sat": "'ow's'at",
      "y'alld've": "y'all'd've",
      "somebody'd": 'somebodyd',
    }
    for (const [found, written] of Object.entries(straight)) expect(contractions.get(found)).toBe(written)
    for (const word of ['wed', 'shed', 'well', 'ill', 'lets', 'Im', 'im']) expect(contractions.has(word)).toBe(false)
    expect(vizwizContractions.get("couldn'tve")).toBe('couldn’t’ve')
    expect(vizwizContractions.has("couldnt've")).toBe(false)
    expect([vizwizContractions.get('weve'), vizwizContractions.get('youve')]).toEqual(["we've", 'you’ve'])
  })
})

describe('the accuracy of VQA', () => {
  it('leaves one human answer out at a time', () => {
    expect([0, 1, 2, 3, 4, 10].map((matches) => leaveOneOut(matches, 10))).toEqual([
      ...[0, 0.3, 0.6, 0.9, 1, 1].map((accuracy) => expect.closeTo(accuracy, 12)),
    ])
    expect(leaveOneOut(1, 1)).toBe(0)
  })

  it('normalises nothing in VQAv2 where all people say the same', () => {
    const score = vqaV2Agreement()
    expect(score('Yes', Array(10).fill('yes')).accuracy).toBe(0)
    expect(score(' yes\n', Array(10).fill('yes ')).accuracy).toBe(1)
    expect(score('Yes', [...Array(9).fill('yes'), 'no']).accuracy).toBe(1)
  })

  it('normalises the answer alone in VizWiz, and both in TextVQA', () => {
    expect(vizwizAgreement()('The Dog', Array(10).fill('the dog')).accuracy).toBe(0)
    expect(vizwizAgreement()('The Dog', Array(10).fill('dog')).accuracy).toBe(1)
    expect(textVqaAgreement()('the dog', Array(10).fill('A DOG.')).accuracy).toBe(1)
  })
})

describe('answers that are yes or no', () => {
  it('are read with the quirks of the published code', () => {
    const read = {
      'No, it is': 'no',
      NO: 'yes',
      'no!': 'yes',
      '': 'yes',
      'It is not. Yes': 'no',
      'Yes. No': 'yes',
      'no\n': 'yes',
    }
    for (const [text, want] of Object.entries(read)) expect([text, readYesNo(text)]).toEqual([text, want])
  })

  it('give zeros and no NaN where there is nothing', () => {
    expect(yesNoMetrics(countYesNo([]))).toEqual({ accuracy: 0, precision: 0, recall: 0, f1: 0, yesRatio: 0 })
  })
})

describe('answers that are letters', () => {
  it('are read by LLaVA’s rules', () => {
    const read = {
      A: 'A',
      'A.': null,
      'A. ': 'A',
      F: null,
      'The answer is F.': 'F',
      'The answer is A': null,
      'The answer is A\n': null,
      'The answer is A😀': 'A',
    }
    for (const [text, want] of Object.entries(read)) expect([text, readChoice(text)]).toEqual([text, want])
  })

  it('are matched to options by letter, by “answer is”, and by text', () => {
    const options = { A: 'red dog', C: 'Red' }
    const match = {
      A: 'A',
      B: null,
      'C A': null,
      'the answer is c': 'C',
      'the answer is big': null,
      'a red thing': 'C',
      'red dog': null,
      Z: 'Z',
      "Sorry, I can't help with images of people yet. A": 'Z',
      'Failed to obtain answer via API A': null,
    }
    for (const [text, want] of Object.entries(match)) expect([text, matchOption(text, options)]).toEqual([text, want])
    expect(matchOption('red', {})).toBe(null)
  })
})

describe('circular accuracy', () => {
  it('wants every rotation that there is, and drops questions without their first', () => {
    const rows = [
      { index: 1_000_001, isRight: false },
      { index: 1, isRight: true },
      { index: 2, isRight: true },
      { index: 3_000_002, isRight: true },
      { index: 1_000_003, isRight: true },
    ]
    expect([...circularHits(rows)]).toEqual([
      [1, false],
      [2, true],
    ])
    expect([1_000_000, 1_000_001].map((index) => isFirstRotation({ index }))).toEqual([true, false])
  })
})

it('reads no question out of a prompt of another form', () => {
  expect(['one line', 'a\nb\nc', 'OCR tokens: x', ''].map(questionInPrompt)).toEqual([null, null, null, null])
})
