import { expect, it } from 'vitest'
import { tinyConfig, tinyData } from '../../../test/fixtures/tiny-experiment.ts'
import { openLanguageSide } from './language-side.ts'

const places = { smollm2: null, weights: '' }

it('counts the words of the texts and of dialogues with pictures, unless a run wrote them down', async () => {
  const { texts } = tinyData()
  const visual = async function* () {
    yield [{ question: '<image> whatever', answer: 'zebra' }]
  }
  const counted = await openLanguageSide(tinyConfig(), { texts, visual: visual() }, places, 'model')
  expect(counted.tokens).toEqual(expect.arrayContaining(['whatever', 'zebra']))
  // What stands for a picture comes last, so that the number of pictures moves no other word.
  expect(counted.tokens.at(-1)).toBe('<image>')
  const words = ['<pad>', '<unk>', '<s>', '</s>', 'zebra', 'whatever']
  const known = await openLanguageSide(tinyConfig(), { texts, words, visual: visual() }, places, 'model')
  expect(known.tokens).toEqual(words)
  expect(known.vocabulary).toBe(6)
})
