import { expect, it } from 'vitest'
import { askedAnswers, askedPictures, emptyAnswers, emptyPictures } from './asked-form.ts'

it('asks for nothing while paths are missing', () => {
  expect(askedAnswers(emptyAnswers)).toBeNull()
  expect(askedAnswers({ ...emptyAnswers, questions: '/pope' })).toBeNull()
  expect(askedAnswers({ ...emptyAnswers, questions: '/pope', by: 'run' })).toBeNull()
  expect(askedPictures(emptyPictures)).toBeNull()
  expect(askedPictures({ ...emptyPictures, images: '/samples' })).toBeNull()
  expect(askedPictures({ ...emptyPictures, images: '/samples', against: 'run' })).toBeNull()
})

it('takes what the benchmark needs, and leaves out what belongs to others', () => {
  const form = {
    ...emptyAnswers,
    ...{ questions: ' /a/random.json\n\n/a/popular.json ', annotations: '/of/another', ocr: '/of/textvqa' },
    ...{ images: ' /val2014 ', answers: '/answers.jsonl' },
  }
  expect(askedAnswers(form)).toMatchObject({
    ...{ kind: 'answers', benchmark: 'pope', questions: ['/a/random.json', '/a/popular.json'], annotations: [] },
    ...{
      ocr: '',
      images: '/val2014',
      by: { kind: 'file', path: '/answers.jsonl', unknown: 'refuse' },
      unanswered: null,
    },
  })
  expect(askedAnswers({ ...form, benchmark: 'mmbench', by: 'run', run: 'a', limit: 20 })).toMatchObject({
    ...{ images: '', by: { kind: 'run', run: 'a', limit: 20, newTokens: 128 } },
  })
  expect(askedAnswers({ ...form, by: 'run', run: 'a', limit: 1.5 })).toBeNull()
})

it('compares pictures with what was chosen, by an extractor of one’s own where there is one', () => {
  const form = { ...emptyPictures, images: '/samples', reference: '/originals', resize: 'clean' as const, lpips: '/w' }
  expect(askedPictures(form)).toMatchObject({
    ...{ kind: 'pictures', reference: { kind: 'folder', path: '/originals' }, extractor: null, resize: '', lpips: '' },
    clip: null,
  })
  expect(askedPictures({ ...form, role: 'reconstructions', extractorPath: '/i.onnx' })).toMatchObject({
    ...{ extractor: { name: 'inception', path: '/i.onnx' }, resize: 'clean', lpips: '/w' },
  })
  expect(askedPictures({ ...form, against: 'nothing' })).toMatchObject({ reference: null })
  expect(askedPictures({ ...form, clipText: '/t.onnx' })).toBeNull()
  expect(askedPictures({ ...form, clipText: '/t.onnx', clipTokenizer: '/t.json' })).toMatchObject({
    clip: { text: '/t.onnx', tokenizer: '/t.json', captions: '' },
  })
})
