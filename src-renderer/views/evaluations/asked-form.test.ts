import { expect, it } from 'vitest'
import { askedEvaluationSchema } from '../../../src-shared/kept-evaluations.ts'
import {
  answersFormOf,
  askedAnswers,
  askedPictures,
  emptyAnswers,
  emptyPictures,
  picturesFormOf,
} from './asked-form.ts'

it('says what is missing', () => {
  const answers = (changes: Partial<typeof emptyAnswers>) => askedAnswers({ ...emptyAnswers, ...changes }).missing
  expect(answers({})).toBe('the official questions')
  expect(answers({ questions: '/pope' })).toBe('the file of answers')
  expect(answers({ questions: '/pope', by: 'run' })).toBe('the run that answers')
  expect(answers({ questions: '/pope', by: 'run', run: 'a', limit: 1.5 })).toBe('a whole number of questions')
  expect(answers({ questions: '/q', answers: '/a', benchmark: 'vqav2' })).toBe('the official annotations')
  const pictures = (changes: Partial<typeof emptyPictures>) => askedPictures({ ...emptyPictures, ...changes }).missing
  expect(pictures({})).toBe('the folder of the pictures')
  expect(pictures({ images: '/samples' })).toBe('what the pictures are compared with')
  expect(pictures({ images: '/samples', against: 'run' })).toBe('the run whose pictures they are compared with')
  const compared = { images: '/samples', reference: '/originals' }
  expect(pictures({ ...compared, extractorPath: '/i.onnx', extractorName: ' ' })).toBe('the name of the extractor')
  expect(pictures({ ...compared, clipText: '/t.onnx' })).toContain('an extractor of the name clip')
  const clip = { extractorName: 'clip', extractorPath: '/v.onnx' }
  expect(pictures({ ...compared, ...clip, clipText: '/t.onnx' })).toBe('CLIP’s tokenizer')
  expect(pictures({ ...compared, ...clip, clipText: '/t.onnx', clipTokenizer: '/t.json' })).toBeNull()
})

it('takes what the benchmark needs, and leaves out what belongs to others', () => {
  const form = {
    ...emptyAnswers,
    ...{ questions: ' /a/random.json\n\n/a/popular.json ', ocr: '/of/textvqa' },
    ...{ images: ' /val2014 ', answers: '/answers.jsonl' },
  }
  expect(askedAnswers(form).asked).toMatchObject({
    ...{ kind: 'answers', benchmark: 'pope', questions: ['/a/random.json', '/a/popular.json'], annotations: [] },
    ...{
      ocr: '',
      images: '/val2014',
      by: { kind: 'file', path: '/answers.jsonl', unknown: 'refuse' },
      unanswered: null,
    },
  })
  // LLaVA's numbers need the official files beside its own.
  expect(askedAnswers({ ...form, annotations: '/of/pope' }).asked).toMatchObject({ annotations: ['/of/pope'] })
  const mmbench = {
    ...form,
    annotations: '/of/pope',
    benchmark: 'mmbench' as const,
    by: 'run' as const,
    run: 'a',
    limit: 20,
  }
  expect(askedAnswers(mmbench).asked).toMatchObject({
    ...{ images: '', annotations: [], by: { kind: 'run', run: 'a', limit: 20, newTokens: 128 } },
  })
})

it('compares pictures with what was chosen, by an extractor of one’s own where there is one', () => {
  const form = { ...emptyPictures, images: '/samples', reference: '/originals', resize: 'clean' as const, lpips: '/w' }
  expect(askedPictures(form).asked).toMatchObject({
    ...{ kind: 'pictures', reference: { kind: 'folder', path: '/originals' }, extractor: null, resize: '', lpips: '' },
    clip: null,
  })
  expect(askedPictures({ ...form, role: 'reconstructions', extractorPath: '/i.onnx' }).asked).toMatchObject({
    ...{ extractor: { name: 'inception', path: '/i.onnx' }, resize: 'clean', lpips: '/w' },
  })
  expect(askedPictures({ ...form, against: 'nothing' }).asked).toMatchObject({ reference: null })
})

it('fills a form that asks for the same again', () => {
  const answers = askedEvaluationSchema.parse({
    ...{ kind: 'answers', benchmark: 'vqav2', questions: ['/q.json'], annotations: ['/a.json'], images: '/val2014' },
    ...{ by: { kind: 'file', path: '/answers.json', unknown: 'ignore' }, unanswered: 'leave-out' },
  })
  const byRun = askedEvaluationSchema.parse({
    ...{ kind: 'answers', benchmark: 'pope', questions: ['/a', '/b'], by: { kind: 'run', run: 'r', limit: 9 } },
  })
  for (const asked of [answers, byRun])
    if (asked.kind === 'answers') expect(askedAnswers(answersFormOf(asked)).asked).toEqual(asked)
  for (const reference of [
    null,
    { kind: 'statistics', path: '/s.npz' },
    { kind: 'run', run: 'r', split: 'training' },
  ]) {
    const asked = askedEvaluationSchema.parse({
      ...{ kind: 'pictures', images: '/samples', reference, role: 'reconstructions', side: 64, lpips: '/w' },
      ...{ extractor: { name: 'clip', path: '/v.onnx' }, resize: 'clip' },
      clip: { text: '/t.onnx', tokenizer: '/t.json', captions: '/c.json' },
    })
    if (asked.kind === 'pictures') expect(askedPictures(picturesFormOf(asked)).asked).toEqual(asked)
  }
})
