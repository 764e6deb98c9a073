import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ExperimentConfig } from '../../../src-shared/config.ts'
import { plainPngs } from '../../../test/fakes/picture-files.ts'
import { smallConfig } from '../../../test/fakes/small-config.ts'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import type { BenchmarkQuestion } from '../../evaluation/answers/benchmark.ts'
import { IMAGE } from '../../language/text-layout.ts'
import type { AnswerEvent } from '../../multimodal/generate.ts'
import type { AnswerRequested } from '../../training/stage-two/speaker.ts'
import { answerBenchmark, type BenchmarkAnswer } from './answer-benchmark.ts'
import type { RunModel } from './open-run-model.ts'

const LONG = 'too long'

/** A model that answers with how many pictures it saw, and notes what it was asked. */
function model(cannotRead: string | null = null, language: ExperimentConfig['language']['model'] = 'smollm2') {
  const batches: AnswerRequested[][] = []
  async function* converse(requests: readonly AnswerRequested[]): AsyncGenerator<AnswerEvent> {
    batches.push([...requests])
    if (requests.some(({ question }) => question.includes(LONG))) throw new RangeError('it does not fit the context')
    for (const [sequence, { question, pictures = [] }] of requests.entries()) {
      const words = question.includes('letter') ? ['b'] : ['saw ', String(pictures.length)]
      for (const text of words) yield { sequence, kind: 'text', token: 0, text }
      yield { sequence, kind: 'end', reason: 'closed', tokens: [] }
    }
  }
  const small = smallConfig()
  const config = { ...small, language: { ...small.language, model: language } }
  const speaker = { cannotRead, converse, resolution: 8 }
  return { model: { speaker, opened: { config } } as unknown as RunModel, batches }
}

const asked = (id: string, fields: Partial<BenchmarkQuestion> = {}): BenchmarkQuestion => ({
  id,
  key: { question_id: id },
  question: `Question ${id}?`,
  context: '',
  options: [],
  truth: ['yes'],
  image: null,
  groups: {},
  ...fields,
})

async function gathered(events: AsyncGenerator<BenchmarkAnswer>) {
  const all: [id: string, answer: string][] = []
  for await (const event of events) all.push([event.question.id, 'problem' in event ? event.problem : event.text])
  return all
}

const asking = { folder: '', answered: new Set<string>(), newTokens: 8, sideBySide: 2 }

it('asks side by side what is not answered yet, with the picture before the prompt', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'a.png'), (await plainPngs(1))[0] as Buffer)
  const questions = [
    asked('1'),
    asked('2', { image: { kind: 'file', names: ['a.png'] } }),
    asked('3'),
    asked('4', { options: ['cat', 'dog'] }),
  ]
  const { model: answering, batches } = model()
  const events = answerBenchmark(
    answering,
    { name: 'vqav2', questions },
    { ...asking, folder, answered: new Set(['3']) },
  )
  expect(await gathered(events)).toEqual([
    ['1', 'saw 0'],
    ['2', 'saw 1'],
    ['4', 'saw 0'],
  ])
  expect(batches.map((batch) => batch.map(({ question }) => question))).toEqual([
    [
      'Question 1?\nAnswer the question using a single word or phrase.',
      `${IMAGE}\nQuestion 2?\nAnswer the question using a single word or phrase.`,
    ],
    ['Question 4?\nA. cat\nB. dog\nAnswer the question using a single word or phrase.'],
  ])
})

it('tells which questions cannot be asked, and answers those beside them', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'broken.png'), 'no picture')
  const questions = [
    asked('1', { question: LONG }),
    asked('2'),
    asked('3', { image: { kind: 'file', names: ['broken.png'] } }),
    asked('4', { image: { kind: 'file', names: ['none.png'] } }),
    asked('5'),
  ]
  const all = await gathered(answerBenchmark(model().model, { name: 'pope', questions }, { ...asking, folder }))
  expect(all).toEqual([
    ['1', 'it does not fit the context'],
    ['2', 'saw 0'],
    ['3', expect.stringContaining('its picture cannot be read')],
    ['4', expect.stringContaining('"none.png" is not in')],
    ['5', 'saw 0'],
  ])
})

it('records prompts of ScienceQA with the place of the picture, which its scoring looks for', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'a.png'), (await plainPngs(1))[0] as Buffer)
  const questions = [asked('1'), asked('2', { image: { kind: 'file', names: ['a.png'] } })]
  const prompts = async (name: 'scienceqa' | 'vqav2') => {
    const all: boolean[] = []
    for await (const event of answerBenchmark(model().model, { name, questions }, { ...asking, folder }))
      all.push('prompt' in event && event.prompt.startsWith(`${IMAGE}\n`))
    return all
  }
  expect(await prompts('scienceqa')).toEqual([false, true])
  expect(await prompts('vqav2')).toEqual([false, false])
})

it('writes the letter of an option as a capital for a model whose words have none', async () => {
  const questions = [asked('1', { options: ['cat', 'dog'] })]
  const answers = (language: ExperimentConfig['language']['model']) =>
    gathered(answerBenchmark(model(null, language).model, { name: 'mmbench', questions }, asking))
  expect(await answers('words')).toEqual([['1', 'B']])
  expect(await answers('smollm2')).toEqual([['1', 'b']])
})

it('stops between questions, and refuses a model that cannot be shown pictures', async () => {
  const stop = new AbortController()
  const { model: answering, batches } = model()
  const events = answerBenchmark(
    answering,
    { name: 'pope', questions: ['1', '2', '3', '4', '5'].map((id) => asked(id)) },
    { ...asking, signal: stop.signal },
  )
  const seen: string[] = []
  await expect(async () => {
    for await (const { question } of events) {
      seen.push(question.id)
      if (question.id === '2') stop.abort(new Error('asked to stop'))
    }
  }).rejects.toThrow('asked to stop')
  expect(seen).toEqual(['1', '2'])
  expect(batches).toHaveLength(1)
  await expect(
    gathered(answerBenchmark(model('knows text alone').model, { name: 'pope', questions: [asked('1')] }, asking)),
  ).rejects.toThrow('knows text alone')
})
