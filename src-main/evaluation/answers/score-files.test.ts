import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answerResultSchema, type BenchmarkName, questionResultSchema } from '../../../src-shared/answer-results.ts'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import { openAnswerFile } from './answer-file.ts'
import type { Benchmark, BenchmarkQuestion } from './benchmark.ts'
import { evaluateAnswers } from './evaluate-answers.ts'
import { findImages } from './images.ts'
import { promptOf } from './prompts.ts'
import { readAnswers } from './read-answers.ts'

const asked = (id: string, fields: Partial<BenchmarkQuestion> = {}): BenchmarkQuestion => ({
  id,
  key: { question_id: id },
  question: `Question ${id}?`,
  context: '',
  options: [],
  truth: Array(10).fill('cactus'),
  image: { kind: 'file', names: [`${id}.jpg`] },
  groups: {},
  ...fields,
})

function benchmark(name: BenchmarkName, questions: BenchmarkQuestion[], fields: Partial<Benchmark> = {}): Benchmark {
  const file = join(temporaryFolder(), 'questions.json')
  writeFileSync(file, JSON.stringify(questions))
  const idReader: Benchmark['idReader'] = () => (entry) => String(entry.key('question_id'))
  return { name, questions, files: [file], warnings: [], unanswered: 'refuse', idReader, ...fields }
}

function file(content: string): string {
  const path = join(temporaryFolder(), 'answers.txt')
  writeFileSync(path, content)
  return path
}
const lines = (...entries: object[]): string => entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
const VQA = () => benchmark('vqav2', [asked('1'), asked('2'), asked('3')])

describe('a file of answers', () => {
  it('may be the official list, with numbers as ids, LLaVA’s lines, or a table', async () => {
    const list = await readAnswers(file(JSON.stringify([{ question_id: 1, answer: 'a' }])), VQA())
    expect([...list.answers]).toEqual([['1', { text: 'a', prompt: null }]])
    const llava = await readAnswers(file(`\n${lines({ question_id: 2, prompt: 'p', text: 'b' })}\n`), VQA())
    expect([...llava.answers]).toEqual([['2', { text: 'b', prompt: 'p' }]])
    const rows = 'index\tquestion\tanswer\tprediction\n3\t"Which\nof these?"\tA\t"B. ""x"""\n'
    const table = benchmark('mmbench', [asked('3')], { idReader: () => (entry) => String(entry.key('index')) })
    expect([...(await readAnswers(file(rows), table)).answers]).toEqual([['3', { text: 'B. "x"', prompt: null }]])
  })

  it('goes through the EvalAI processor only where LLaVA does so: its lines for VQAv2 and VizWiz', async () => {
    const official = file(JSON.stringify([{ question_id: 1, answer: 'a' }]))
    const llava = file(lines({ question_id: 1, text: 'a' }))
    const preparation = async (path: string, name: BenchmarkName) =>
      (await readAnswers(path, benchmark(name, [asked('1')]))).preparation
    expect(await preparation(official, 'vqav2')).toBe('none')
    expect(await preparation(llava, 'vqav2')).toBe('evalai')
    expect(await preparation(llava, 'vizwiz')).toBe('evalai')
    expect(await preparation(llava, 'textvqa')).toBe('none')
    await expect(
      readAnswers(file(lines({ question_id: 1, text: 'a' }, { question_id: 2, answer: 'a' })), VQA()),
    ).rejects.toThrow('mixes forms')
  })

  it('is refused with the first offenders if answers are unreadable, double, or to unknown questions', async () => {
    const broken = `${lines({ question_id: 1, text: 'a' })}{"question_id": 2, "te\n[1]\n${lines({ question_id: 3 }, { question_id: 3, text: 5 })}`
    await expect(readAnswers(file(broken), VQA())).rejects.toThrow(
      /4 of 5 answers .*: line 2 is not JSON, line 3 is no JSON object, line 4 has no answer in .*, line 5 has as text 5/,
    )
    await expect(
      readAnswers(file(lines({ question_id: 1, text: 'a' }, { question_id: 1, text: 'a' })), VQA()),
    ).rejects.toThrow('answers questions again that it has answered: 1')
    const unknown = file(
      lines(...Array.from({ length: 9 }, (_, at) => ({ question_id: 100 + at, text: 'a' })), {
        question_id: 1,
        text: 'b',
      }),
    )
    await expect(readAnswers(unknown, VQA())).rejects.toThrow(
      /9 answers .* does not have: 100, 101, 102, 103, 104 and 4 more; .*ignored/,
    )
    const ignoring = await readAnswers(unknown, VQA(), 'ignore')
    expect([...ignoring.answers.keys()]).toEqual(['1'])
    expect(ignoring.warnings).toEqual([expect.objectContaining({ count: 9 })])
  })

  it('is refused if it is empty, of another kind, or not there', async () => {
    await expect(readAnswers(file(' \n'), VQA())).rejects.toThrow('is empty')
    await expect(readAnswers(file('[]'), VQA())).rejects.toThrow('holds no answers')
    await expect(readAnswers(file('[{"question_id": 1, "answer": "a"}'), VQA())).rejects.toThrow('truncated')
    await expect(readAnswers(file('index,prediction\n1,A\n'), VQA())).rejects.toThrow('is none of')
    await expect(readAnswers(file('PK\u0003\u0004 sheet'), VQA())).rejects.toThrow('is a workbook')
    await expect(readAnswers('/nowhere', VQA())).rejects.toThrow('there is no file "/nowhere"')
  })
})

describe('questions without an answer', () => {
  const given = async () => readAnswers(file(JSON.stringify([{ question_id: 1, answer: 'cactus' }])), VQA())

  it('are refused, count as wrong or are left out, and are named each time', async () => {
    await expect(evaluateAnswers(VQA(), await given(), { system: 's' })).rejects.toThrow(
      '2 of 3 questions have no answer: 2, 3',
    )
    const wrong = await evaluateAnswers(VQA(), await given(), { system: 's', unanswered: 'wrong' })
    expect(wrong.result.headline).toMatchObject({ percent: 100 / 3, questions: 3 })
    expect(wrong.rows[1]).toMatchObject({ answer: null, read: null, score: 0 })
    const out = await evaluateAnswers(VQA(), await given(), { system: 's', unanswered: 'leave-out' })
    expect(out.result.headline).toMatchObject({ percent: 100, questions: 1 })
    for (const { result } of [wrong, out]) {
      expect(result).toMatchObject({ questions: 3, answered: 1 })
      expect(result.warnings).toEqual([expect.objectContaining({ count: 2, first: ['2', '3'] })])
      expect(result.card.warnings).toHaveLength(1)
    }
  })

  it('count as wrong in both classes of POPE', async () => {
    const pope = benchmark('pope', [
      asked('1', { truth: ['yes'], groups: { split: 'random' } }),
      asked('2', { truth: ['no'], groups: { split: 'random' } }),
      asked('3', { truth: ['no'], groups: { split: 'random' } }),
    ])
    const one = await readAnswers(file(lines({ question_id: '3', text: 'No.' })), pope)
    const { result } = await evaluateAnswers(pope, one, { system: 's', unanswered: 'wrong' })
    const of = (metric: string) => result.figures.find((figure) => figure.metric === metric)?.percent
    expect(of('accuracy')).toBeCloseTo(100 / 3, 12)
    expect([of('precision'), of('recall'), of('f1')]).toEqual([0, 0, 0])
  })
})

describe('a result', () => {
  it('says whose scoring it is, of which files, and lists every question', async () => {
    const given = await readAnswers(
      file(
        lines({ question_id: 1, text: 'Cactus.' }, { question_id: 2, text: 'the dog' }, { question_id: 3, text: '' }),
      ),
      VQA(),
    )
    const { result, rows } = await evaluateAnswers(VQA(), given, { system: 'a system' })
    expect(answerResultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result)
    expect(result.preparation).toBe('evalai')
    expect(result.card).toMatchObject({
      metric: 'VQAv2 VQA accuracy',
      value: result.headline.percent,
      count: 3,
      source: expect.stringContaining('VQA tools'),
      definition: expect.stringContaining('EvalAI answer processor first'),
      reference: expect.stringMatching(/^questions\.json, sha256 [\da-f]{64}$/),
    })
    expect(rows.map((row) => questionResultSchema.parse(row))).toEqual(rows)
    expect(rows.map(({ id, answer, read, score, image }) => ({ id, answer, read, score, image }))).toEqual([
      { id: '1', answer: 'Cactus.', read: 'cactus', score: 1, image: '1.jpg' },
      { id: '2', answer: 'the dog', read: 'dog', score: 0, image: '2.jpg' },
      { id: '3', answer: '', read: '', score: 0, image: '3.jpg' },
    ])
  })

  it('means the splits of POPE only where there are several, and takes F1 for its headline', async () => {
    const questions = ['random', 'popular', 'other'].flatMap((split) =>
      ['yes', 'no'].map((label) => asked(`${split}/${label}`, { truth: [label], groups: { split } })),
    )
    const answers = lines(
      ...questions.map(({ id }) => ({ question_id: id, text: id === 'popular/yes' ? 'no' : 'yes' })),
    )
    const evaluated = async (some: BenchmarkQuestion[]) => {
      const pope = benchmark('pope', some)
      return (await evaluateAnswers(pope, await readAnswers(file(answers), pope, 'ignore'), { system: 's' })).result
    }
    const all = await evaluated(questions)
    expect(all.headline).toMatchObject({ metric: 'f1', by: 'mean of splits', group: 'random, popular', questions: 4 })
    expect(all.headline.percent).toBeCloseTo((100 * 2) / 3 / 2, 12)
    const one = await evaluated(questions.slice(0, 2))
    expect(one.headline).toMatchObject({ metric: 'f1', by: 'split', group: 'random' })
  })
})

describe('a file that a run answers into', () => {
  const question = asked('1', { key: { question_id: 1, category: 'random' } })

  it('is one that LLaVA’s scripts read, and is gone on with after what was torn off', async () => {
    const path = join(temporaryFolder(), 'deep', 'out.jsonl')
    const first = await openAnswerFile(path, VQA(), 'run, step 7')
    expect(first.answered.size).toBe(0)
    first.append(question, 'Question?\nShort.', 'a “b”\n')
    first.close()
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      question_id: 1,
      category: 'random',
      prompt: 'Question?\nShort.',
      text: 'a “b”\n',
      model_id: 'run, step 7',
    })
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"question_id": 2, "te`)
    const second = await openAnswerFile(path, VQA(), 'run, step 7')
    expect([...second.answered]).toEqual(['1'])
    second.append(asked('2', { key: { question_id: 2 } }), 'p', 'c')
    second.close()
    expect([...(await readAnswers(path, VQA())).answers.keys()]).toEqual(['1', '2'])
    await expect(openAnswerFile(path, VQA(), 'run, step 9')).rejects.toThrow('holds answers of "run, step 7"')
  })

  it.each(['some notes', '{\n  "a": 1', '[{"question_id": 1}]', '{"question_id": 1, "text": "a"}\nnotes'])(
    'is not another file that was there: %j',
    async (content) => {
      const path = file(content)
      await expect(openAnswerFile(path, VQA(), 'run').then((opened) => opened.close())).rejects.toThrow()
      // A line that has no end is all that may ever go, and that of a file of answers alone.
      expect(content.startsWith(readFileSync(path, 'utf8'))).toBe(true)
      if (!content.startsWith('{"')) expect(readFileSync(path, 'utf8')).toBe(content)
    },
  )

  it('is gone on with after a last line that only lacks its end', async () => {
    const path = file(lines({ question_id: 1, text: 'a', model_id: 'run' }).trimEnd())
    const opened = await openAnswerFile(path, VQA(), 'run')
    opened.append(asked('2', { key: { question_id: 2 } }), 'p', 'c')
    opened.close()
    expect([...(await readAnswers(path, VQA())).answers.keys()]).toEqual(['1', '2'])
  })
})

describe('pictures', () => {
  it('are found under any of their names, inside the folder, and the missing ones are named', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'b.jpg'), '')
    const questions = [
      asked('1', { image: { kind: 'file', names: ['a.jpg', 'b.jpg'] } }),
      asked('2', { image: { kind: 'file', names: ['../b.jpg'] } }),
      asked('3', { image: null }),
    ]
    const { questions: found, missing } = await findImages(questions, folder)
    expect(found[0]?.image).toEqual({ kind: 'file', names: ['b.jpg'] })
    expect([missing.count, ...missing.first]).toEqual([1, '../b.jpg (question 2)'])
    await expect(findImages(questions, join(folder, 'none'))).rejects.toThrow('there is no folder')
  })
})

describe('prompts', () => {
  it('are those of LLaVA-1.5', () => {
    const short = 'Answer the question using a single word or phrase.'
    const letter = "Answer with the option's letter from the given choices directly."
    const choice = asked('1', { options: ['cat', '', 'cow'], context: 'Look.' })
    expect(promptOf('vqav2', asked('1'))).toBe(`Question 1?\n${short}`)
    expect(promptOf('pope', asked('1'))).toBe(`Question 1?\n${short}`)
    expect(promptOf('vizwiz', asked('1'))).toBe(
      `Question 1?\nWhen the provided information is insufficient, respond with 'Unanswerable'.\n${short}`,
    )
    expect(promptOf('textvqa', asked('1', { context: 'Reference OCR token: A, B' }))).toBe(
      `Question 1?\nReference OCR token: A, B\n${short}`,
    )
    expect(promptOf('scienceqa', choice)).toBe(`Context: Look.\nQuestion 1?\nA. cat\nC. cow\n${letter}`)
    expect(promptOf('mmbench', choice)).toBe(`Look.\nQuestion 1?\nA. cat\nC. cow\n${letter}`)
    expect(promptOf('mmbench-cn', asked('1', { options: ['猫'] }))).toBe('Question 1?\nA. 猫\n请直接回答选项字母。')
  })
})
