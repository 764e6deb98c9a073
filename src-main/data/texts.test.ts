import { beforeAll, expect, test } from 'vitest'
import { infosOf as infosOfListing } from '../../test/fakes/listing.ts'
import { groupNoun, kindNoun } from './kinds.ts'
import { nounPhrase, withArticle } from './noun-phrase.ts'
import type { InstructionPair, InstructionTexts, PictureInfo } from './picture-set.ts'
import { listEmoji } from './sources/emoji.ts'
import { buildTexts, plainText } from './texts.ts'

const infosOf = (styles: ('fluent-3d' | 'openmoji')[], skinTones: boolean): Promise<PictureInfo[]> =>
  infosOfListing(listEmoji({ kind: 'emoji', styles, background: '#ffffff', skinTones }))
const words = ({ question, answer }: InstructionPair): string[] => `${question} ${answer}`.split(' ')
const all = ({ training, heldOut }: InstructionTexts): InstructionPair[] => [...training, ...heldOut]
const answersTo = (texts: InstructionTexts, question: string): string[] =>
  all(texts)
    .filter((pair) => pair.question === question)
    .map(({ answer }) => answer)

let pictures: PictureInfo[]
let texts: InstructionTexts
beforeAll(async () => {
  pictures = await infosOf(['fluent-3d'], false)
  texts = buildTexts({ pictures })
})

test('a picture is asked for its look, kind, group and words, each with the true answer', () => {
  expect(answersTo(texts, 'describe a red apple .')).toEqual(['a 3d drawing of a red apple'])
  expect(answersTo(texts, 'what kind of thing is a red apple ?')).toEqual(['it is a fruit .'])
  expect(answersTo(texts, 'is a red apple a food or drink ?')).toEqual(['yes , it is a food or drink .'])
  const denied = all(texts).filter(({ question, answer }) => /^is a red apple /.test(question) && /^no , /.test(answer))
  expect(denied.map(({ answer }) => answer).sort()).toEqual(['no , it is a food or drink .', 'no , it is a fruit .'])
  expect(answersTo(texts, 'which words go with a red apple ?')[0]).toContain('fruit')
})

test('for a pretrained model the same pairs are written as people write', () => {
  const sentences = buildTexts({ pictures }, 'sentences')
  expect(answersTo(sentences, 'Describe a red apple.')).toEqual(['A 3D drawing of a red apple'])
  expect(answersTo(sentences, 'Is a red apple a food or drink?')).toEqual(['Yes, it is a food or drink.'])
  const plain = ({ question, answer }: InstructionPair) => `${plainText(question)} ${plainText(answer)}`
  expect(new Set(all(sentences).map(plain))).toEqual(new Set(all(texts).map((pair) => words(pair).join(' '))))
})

test('every yes and no is true', () => {
  const truths = new Map<string, Set<string>>()
  for (const { label, group, subgroup } of pictures) {
    const thing = plainText(nounPhrase(label.replaceAll('.', '')))
    const known = truths.get(thing) ?? new Set()
    truths.set(thing, known.add(withArticle(groupNoun(group))).add(withArticle(kindNoun(subgroup))))
  }
  let asked = 0
  for (const { question, answer } of all(texts)) {
    if (!question.startsWith('is ')) continue
    const told = answer.replace(/^(yes|no) , it is /, '').replace(/ \.$/, '')
    const owners = [...truths].filter(([thing]) => question.startsWith(`is ${thing} `))
    const [thing, known] = owners.sort(([a], [b]) => b.length - a.length)[0] as [string, Set<string>]
    const said = question.slice(`is ${thing} `.length, -' ?'.length)
    expect([known.has(told), known.has(said)]).toEqual([true, answer.startsWith('yes')])
    asked += 1
  }
  expect(asked).toBeGreaterThan(5000)
})

test('the vocabulary of the 3D emoji is about 2,000 words', () => {
  expect(new Set(all(texts).flatMap(words)).size).toBeGreaterThan(1800)
  expect(new Set(all(texts).flatMap(words)).size).toBeLessThan(2200)
})

test('about a tenth is held out, nothing twice, and every held-out word occurs in training', () => {
  const keys = all(texts).map(({ question, answer }) => `${question}|${answer}`)
  expect(new Set(keys).size).toBe(keys.length)
  expect(texts.heldOut.length / keys.length).toBeGreaterThan(0.08)
  expect(texts.heldOut.length / keys.length).toBeLessThan(0.12)
  const known = new Set(texts.training.flatMap(words))
  expect(texts.heldOut.flatMap(words).filter((word) => !known.has(word))).toEqual([])
})

test('what a held-out question asks of a concept stands in another of its training pairs', () => {
  const asked = texts.heldOut.flatMap(({ question }) => /^what kind of thing is (.+) \?$/.exec(question)?.[1] ?? [])
  expect(asked.length).toBeGreaterThan(50)
  const trained = texts.training.map(({ question }) => question)
  const supported = asked.filter((thing) => trained.some((question) => question.startsWith(`is ${thing} `)))
  expect(supported.length / asked.length).toBeGreaterThan(0.9)
})

test('a held-out question is held out in every skin tone', async () => {
  const toned = (await infosOf(['openmoji'], true)).filter(({ subgroup }) => subgroup === 'hand-fingers-open')
  const { training, heldOut } = buildTexts({ pictures: toned })
  const bare = (question: string) => question.replace(/ with (medium |light |dark )*skin tone/, '')
  const asked = new Set(training.map(({ question }) => bare(question)))
  // A name is asked for by its kind, and so of several concepts at once.
  const about = heldOut.filter(({ question }) => !question.startsWith('name '))
  expect(about.length).toBeGreaterThan(5)
  expect(about.filter(({ question }) => asked.has(bare(question)))).toEqual([])
})

test('words are lower case, without accents, and apart from punctuation', () => {
  const odd = all(texts)
    .flatMap(words)
    .filter((word) => !/^([\p{Ll}\p{Lo}\p{N}]+|[?.,])$/u.test(word))
  expect(odd).toEqual([])
  expect(plainText('The “U.S.” Côte d’Ivoire, at 12:30? Yes!')).toBe('the us . cote divoire , at 12 30 ? yes')
  expect(plainText('  한국어 1.5 m. ')).toBe('한국어 1 . 5 m .')
})

test('the same pictures give the same texts', () => {
  expect(buildTexts({ pictures: structuredClone(pictures) })).toEqual(texts)
})

const photo = (id: string, group: string, caption: string): PictureInfo => {
  const label = group || id
  return { id, concept: id, label, caption, group, subgroup: group, tags: [], style: 'folder' }
}

test('a folder is asked for its captions and classes', () => {
  const folder = [
    photo('cat/1.jpg', 'cat', 'a black cat asleep on a chair'),
    photo('dog/1.jpg', 'dog', 'two dogs running'),
  ]
  const pairs = all(buildTexts({ pictures: folder }))
  expect(pairs).toContainEqual({ question: 'describe a cat .', answer: 'a black cat asleep on a chair' })
  expect(pairs).toContainEqual({ question: 'what is in this picture two dogs running', answer: 'a dog' })
  expect(pairs).toContainEqual({
    question: 'is a cat in this picture two dogs running',
    answer: 'no , it shows a dog .',
  })
})

test('few or one pair leave something to train on', () => {
  const one = buildTexts({ pictures: [photo('photo', '', 'a picture of a photo')] })
  expect([one.training.length, one.heldOut.length]).toEqual([1, 0])
  for (let n = 2; n < 12; n++) {
    const folder = Array.from({ length: n }, (_, at) => photo(`photo ${at}`, '', `a picture of a photo ${at}`))
    const { training, heldOut } = buildTexts({ pictures: folder })
    expect(training.length).toBeGreaterThan(0)
    expect(heldOut.length).toBeGreaterThan(0)
    expect(training.length + heldOut.length).toBe(n)
  }
})
