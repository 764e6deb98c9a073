import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import { Fields } from './entries.ts'
import { imageBytes } from './images.ts'
import { openBenchmark } from './open-benchmark.ts'

/** Writes files into a new folder; what is no text becomes JSON. */
function written(files: Record<string, unknown>): (name: string) => string {
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return (name) => join(folder, name)
}
const lines = (...entries: object[]): string => entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
const ten = (answer: string) => Array.from({ length: 10 }, (_, at) => ({ answer, answer_id: at + 1 }))

describe('VQAv2', () => {
  const question = (question_id: number) => ({ question_id, image_id: 42, question: `Question ${question_id}?` })
  const annotation = (question_id: number) => ({
    question_id,
    image_id: 42,
    question_type: 'what',
    answer_type: 'other',
    answers: ten('cactus'),
  })
  const open = (questions: object, annotations: object) => {
    const path = written({ 'v2_OpenEnded_mscoco_train2014_questions.json': questions, 'a.json': annotations })
    return openBenchmark('vqav2', {
      questions: [path('v2_OpenEnded_mscoco_train2014_questions.json')],
      annotations: [path('a.json')],
    })
  }
  const info = { info: { year: 2017 }, license: [{ name: 'x' }], data_subtype: 'train2014' }

  it('joins questions and annotations, in the order of the questions, and knows the names of pictures', async () => {
    const { questions, warnings } = await open(
      { ...info, questions: [question(9), question(1)] },
      { ...info, question_types: ['what'], annotations: [annotation(1), annotation(7), annotation(9)] },
    )
    expect(questions.map(({ id }) => id)).toEqual(['9', '1'])
    expect(questions[0]).toMatchObject({
      key: { question_id: 9 },
      question: 'Question 9?',
      truth: Array(10).fill('cactus'),
      groups: { 'question type': 'what', 'answer type': 'other' },
      image: { kind: 'file', names: expect.arrayContaining(['COCO_train2014_000000000042.jpg']) },
    })
    expect(questions[0]?.image?.kind === 'file' && questions[0].image.names[0]).toBe('COCO_train2014_000000000042.jpg')
    expect(warnings).toEqual([expect.objectContaining({ count: 1, first: ['7'] })])
  })

  it('refuses questions without annotation, and ids that come twice', async () => {
    await expect(open({ questions: [question(1), question(2)] }, { annotations: [annotation(1)] })).rejects.toThrow(
      /1 questions .* have no annotation .*: 2/,
    )
    await expect(open({ questions: [question(1)] }, { annotations: [annotation(1), annotation(1)] })).rejects.toThrow(
      'annotations whose id has been there before: 1',
    )
    await expect(open({ questions: [question(1), question(1)] }, { annotations: [annotation(1)] })).rejects.toThrow(
      'questions whose id has been there before: 1',
    )
  })

  it('names the entries that are none, the list that is missing, and the file', async () => {
    const { answers: _, ...without } = annotation(2)
    await expect(
      open({ questions: [question(1)] }, { annotations: [annotation(1), without, { ...annotation(3), answers: [] }] }),
    ).rejects.toThrow(/2 of 3 annotations .*: entry 2 has no answers, entry 3 has no answers/)
    await expect(open({ questions: [question(1)] }, { questions: [question(1)] })).rejects.toThrow(
      'has no list "annotations", but "questions"',
    )
    await expect(openBenchmark('vqav2', { questions: ['/nowhere'], annotations: ['/nowhere'] })).rejects.toThrow(
      'there is no file "/nowhere"',
    )
    await expect(openBenchmark('vqav2', { questions: ['/nowhere'] })).rejects.toThrow('--annotations')
  })

  it('tells a truncated file', async () => {
    const whole = JSON.stringify({ annotations: [annotation(1), annotation(2)] })
    const path = written({ 'q.json': { questions: [question(1)] }, 'a.json': whole.slice(0, -20) })
    await expect(
      openBenchmark('vqav2', { questions: [path('q.json')], annotations: [path('a.json')] }),
    ).rejects.toThrow('truncated')
  })
})

describe('VizWiz', () => {
  const entry = (image: string) => ({
    image,
    question: 'What?',
    answers: ten('red'),
    answer_type: 'other',
    answerable: 1,
  })

  it('knows a question by its picture, and LLaVA’s number by LLaVA’s questions', async () => {
    const path = written({
      'val.json': [entry('a.jpg'), entry('b.jpg')],
      'llava.jsonl': lines({ question_id: 0, image: 'b.jpg', text: 'What?' }),
    })
    const { questions, idReader } = await openBenchmark('vizwiz', {
      annotations: [path('val.json')],
      questions: [path('llava.jsonl')],
    })
    expect(questions.map(({ id }) => id)).toEqual(['a.jpg', 'b.jpg'])
    const idOf = idReader()
    expect(idOf(new Fields({ question_id: 0 }))).toBe('b.jpg')
    expect(idOf(new Fields({ image: 'a.jpg' }))).toBe('a.jpg')
    expect((await openBenchmark('vizwiz', { questions: [path('val.json')] })).questions).toHaveLength(2)
  })

  it('refuses a picture that is asked about twice', async () => {
    const path = written({ 'val.json': [entry('a.jpg'), entry('a.jpg')] })
    await expect(openBenchmark('vizwiz', { questions: [path('val.json')] })).rejects.toThrow('before: a.jpg')
  })
})

describe('TextVQA', () => {
  const entry = (question_id: number, question: string, answers: unknown = Array(10).fill('nokia')) => ({
    question_id,
    image_id: '003a8ae2ef43b901',
    question,
    answers,
    set_name: 'val',
  })

  it('finds the question of LLaVA’s answers by picture and prompt, also one that is asked twice', async () => {
    const path = written({
      'v.json': {
        dataset_type: 'val',
        data: [entry(1, 'What brand?'), entry(2, 'Which year?'), entry(3, 'what brand?')],
      },
      'ocr.json': { data: [{ image_id: '003a8ae2ef43b901', ocr_tokens: ['NOKIA', '3310'] }] },
    })
    const benchmark = await openBenchmark('textvqa', { questions: [path('v.json')], ocr: path('ocr.json') })
    expect(benchmark.questions[0]?.context).toBe('Reference OCR token: NOKIA, 3310')
    const idOf = benchmark.idReader()
    const given = (question: string) =>
      idOf(new Fields({ question_id: '003a8ae2ef43b901', prompt: `${question}\nAnswer.`, text: '' }))
    expect([given('Which year?'), given('What brand?'), given('What brand?'), given('Who?')]).toEqual([
      '2',
      '1',
      '3',
      '003a8ae2ef43b901 “who?”',
    ])
    expect(idOf(new Fields({ question_id: 2 }))).toBe('2')
    expect(() => idOf(new Fields({ question_id: 'x', prompt: 'one line' }))).toThrow('none of LLaVA’s forms')
  })

  it('takes ten human answers and no other number', async () => {
    const path = written({ 'v.json': { data: [entry(1, 'A?', Array(9).fill('a')), entry(2, 'B?', null)] } })
    await expect(openBenchmark('textvqa', { questions: [path('v.json')] })).rejects.toThrow(
      /entry 1 has 9 answers, .* entry 2 has no answers; those of the test split/,
    )
  })
})

describe('ScienceQA', () => {
  const problem = {
    question: 'Which?',
    choices: ['a', 'b', 'c'],
    answer: 2,
    hint: '',
    image: null,
    subject: 'science',
    grade: 'grade2',
  }

  it('takes the questions of a split, in its order', async () => {
    const path = written({
      'sqa/problems.json': { 1: problem, 2: { ...problem, answer: 0, hint: 'Look.', image: 'image.png' }, 3: problem },
      'sqa/pid_splits.json': { test: ['2', '1'], val: ['3'] },
    })
    const { questions, unanswered } = await openBenchmark('scienceqa', { questions: [path('sqa')] })
    expect(questions.map(({ id, truth, image }) => [id, truth, image])).toEqual([
      ['2', ['A'], { kind: 'file', names: ['2/image.png', 'test/2/image.png'] }],
      ['1', ['C'], null],
    ])
    expect(unanswered).toBe('wrong')
    const val = { questions: [path('sqa/problems.json')], annotations: [path('sqa/pid_splits.json')], split: 'val' }
    expect((await openBenchmark('scienceqa', val)).questions.map(({ id }) => id)).toEqual(['3'])
    await expect(openBenchmark('scienceqa', { ...val, split: 'dev' })).rejects.toThrow(
      'has no split "dev"; it has test, val',
    )
  })

  it('names the problems that are not there, are twice, or whose answer is no choice', async () => {
    const path = written({
      'problems.json': { 1: problem, 2: { ...problem, answer: 3 } },
      'pid_splits.json': { test: ['1', '1', '2', '4'] },
    })
    await expect(
      openBenchmark('scienceqa', { questions: [path('problems.json'), path('pid_splits.json')] }),
    ).rejects.toThrow('3 questions of')
    await expect(openBenchmark('scienceqa', { questions: [path('problems.json')] })).rejects.toThrow('pid_splits.json')
  })
})

describe('POPE', () => {
  const entry = (question_id: number, label = 'yes', image = `${question_id}.jpg`) => ({
    question_id,
    image,
    text: `Is there a ${question_id} in the image?`,
    label,
  })

  it('reads a folder of splits, in which numbers begin anew', async () => {
    const path = written({
      'coco/coco_pope_random.json': lines(entry(1), entry(2, 'no')),
      'coco/coco_pope_popular.json': lines(entry(1, 'no')),
      'coco/other.json': '[]',
    })
    const { questions, idReader } = await openBenchmark('pope', { questions: [path('coco')] })
    expect(questions.map(({ id, truth, groups }) => [id, truth[0], groups.split])).toEqual([
      ['popular/1', 'no', 'popular'],
      ['random/1', 'yes', 'random'],
      ['random/2', 'no', 'random'],
    ])
    expect(idReader()(new Fields({ question_id: 2, category: 'random' }))).toBe('random/2')
    expect(() => idReader()(new Fields({ question_id: 2 }))).toThrow('of which split')
    const one = await openBenchmark('pope', { questions: [path('coco/coco_pope_popular.json')] })
    expect(one.idReader()(new Fields({ question_id: 1 }))).toBe('popular/1')
  })

  it('gives LLaVA’s numbers the labels at their place in the split, and refuses another edition', async () => {
    const llava = (question_id: number, number: number, category: string, image = `${number}.jpg`) => ({
      question_id,
      image,
      text: `Is there a ${number} in the image?\nAnswer the question using a single word or phrase.`,
      category,
    })
    const path = written({
      'coco_pope_random.json': lines(entry(1), entry(2, 'no')),
      'coco_pope_popular.json': lines(entry(1, 'no')),
      'llava.jsonl': lines(llava(1, 1, 'popular'), llava(2, 1, 'random'), llava(3, 2, 'random')),
      'other.jsonl': lines(llava(1, 1, 'popular'), llava(2, 2, 'random'), llava(3, 1, 'random')),
      'short.jsonl': lines(llava(1, 1, 'popular'), llava(2, 1, 'random')),
    })
    const annotations = [path('coco_pope_random.json'), path('coco_pope_popular.json')]
    const { questions } = await openBenchmark('pope', { questions: [path('llava.jsonl')], annotations })
    expect(questions.map(({ id, truth, groups }) => [id, truth[0], groups.split])).toEqual([
      ['1', 'no', 'popular'],
      ['2', 'yes', 'random'],
      ['3', 'no', 'random'],
    ])
    const open = (name: string) => openBenchmark('pope', { questions: [path(name)], annotations })
    await expect(open('other.jsonl')).rejects.toThrow('not those that stand at their place in their split: 2, 3')
    await expect(open('short.jsonl')).rejects.toThrow('has 1 questions of the split "random", which has 2')
  })

  it('refuses a label that is neither, a line that is no JSON, and a file that does not say its split', async () => {
    const path = written({
      'pope_random.json': `${lines(entry(1))}{"question_id": 2,\n${lines(entry(3, 'maybe'))}`,
      'questions.json': lines(entry(1)),
    })
    await expect(openBenchmark('pope', { questions: [path('pope_random.json')] })).rejects.toThrow(
      /2 of 3 questions .*: line 2 is not JSON, line 3 has the label "maybe"/,
    )
    await expect(openBenchmark('pope', { questions: [path('questions.json')] })).rejects.toThrow('which split of POPE')
  })
})

describe('MMBench', () => {
  const head = 'index\tquestion\thint\tA\tB\tC\tD\tanswer\tcategory\timage\tl2-category\tsplit\n'
  const row = (
    index: number,
    fields: Partial<Record<'question' | 'hint' | 'B' | 'C' | 'answer' | 'image', string>> = {},
  ) => {
    const { question = 'Which?', hint = '', B = 'dog', C = '', answer = 'A', image = 'QUJD' } = fields
    return `${[index, question, hint, 'cat', B, C, '', answer, 'kind', image, 'see', 'dev'].join('\t')}\n`
  }
  const open = (table: string) => openBenchmark('mmbench', { questions: [written({ 't.tsv': table })('t.tsv')] })

  it('reads rows as pandas does, and pictures where they stand', async () => {
    const table = `\ufeff${head}${row(3, { question: '"Say ""hi""\tor\nbye"', B: 'None', C: 'cow' })}\r\n${row(1000003, { image: '3' })}`
    const { questions } = await open(table)
    expect(questions.map(({ id, question, options, groups }) => ({ id, question, options, groups }))).toEqual([
      {
        id: '3',
        question: 'Say "hi"\tor\nbye',
        options: ['cat', '', 'cow'],
        groups: { category: 'kind', 'l2-category': 'see', split: 'dev' },
      },
      expect.objectContaining({ id: '1000003', options: ['cat', 'dog'] }),
    ])
    for (const { image } of questions)
      expect(Buffer.from(await imageBytes(image as NonNullable<typeof image>, '')).toString()).toBe('ABC')
  })

  it('finds pictures in a table that is larger than what is read at a time', async () => {
    const picture = (seed: number) => Buffer.alloc(700_000, `picture ${seed}`).toString('base64')
    const { questions } = await open(head + [0, 1, 2, 3].map((at) => row(at, { image: picture(at) })).join(''))
    for (const [at, { image }] of questions.entries())
      expect(
        Buffer.from(await imageBytes(image as NonNullable<typeof image>, ''))
          .subarray(0, 9)
          .toString(),
      ).toBe(`picture ${at}`)
  })

  it('names rows that are none, ids that come twice, and pictures that are nowhere', async () => {
    await expect(open(`${head}${row(1)}x\ty\n${row(2, { answer: 'D' })}${row(3, { answer: '' })}`)).rejects.toThrow(
      /3 of 4 rows .*: row 2 has 2 fields.*row 3 has the answer "D".*row 4 has no answer/,
    )
    await expect(open(head + row(1) + row(1))).rejects.toThrow('before: 1')
    await expect(open(head + row(1, { image: '77' }))).rejects.toThrow('lacks the pictures of 1 rows: 1 (that of 77)')
    await expect(open('index,question,A,answer\n1,Which?,cat,A\n')).rejects.toThrow('has no column')
    await expect(open(`${head}1\t"never closed\n`)).rejects.toThrow('within quotation marks')
    await expect(open(head)).rejects.toThrow('holds no questions')
  })

  it('refuses a picture that is no base64', async () => {
    const { questions } = await open(head + row(1, { image: `<svg>${'x'.repeat(80)}` }))
    const [image] = questions.map(({ image }) => image as NonNullable<typeof image>)
    await expect(imageBytes(image as NonNullable<typeof image>, '')).rejects.toThrow('row 1 of')
  })
})
