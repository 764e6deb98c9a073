import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type AskedEvaluation, askedEvaluationSchema } from '../../src-shared/kept-evaluations.ts'
import { plainPngs } from '../../test/fakes/picture-files.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { evaluationFiles, openQuestions, readKeptEvaluation, writeQuestions } from './kept-evaluation.ts'
import { runFiles } from './run-directory.ts'
import { runKeptEvaluation } from './run-kept-evaluation.ts'

const lines = (...entries: object[]): string => entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')

/** A kept evaluation that is to be done, and where it is done. */
function order(asked: unknown) {
  const home = temporaryFolder()
  const directory = join(home, 'evaluations', 'one')
  mkdirSync(directory, { recursive: true })
  const parsed: AskedEvaluation = askedEvaluationSchema.parse(asked)
  writeFileSync(evaluationFiles(directory).asked, JSON.stringify({ createdAt: 5, asked: parsed }))
  const told: string[] = []
  const place = { cacheDir: join(home, 'cache'), threads: 1, progress: (_: number, words: string) => told.push(words) }
  return { directory, home, told, run: () => runKeptEvaluation(directory, place) }
}

/** POPE's random split of four questions, with pictures of two of them. */
async function popeFiles() {
  const folder = temporaryFolder()
  const question = (question_id: number, label: string) => ({
    ...{ question_id, image: `${question_id}.png`, text: `Is there a dog in image ${question_id}?`, label },
  })
  const questions = join(folder, 'coco_pope_random.json')
  writeFileSync(questions, lines(question(1, 'yes'), question(2, 'no'), question(3, 'yes'), question(4, 'no')))
  for (const [at, png] of (await plainPngs(2)).entries()) writeFileSync(join(folder, `${at + 1}.png`), png)
  const answers = join(folder, 'answers.jsonl')
  const answer = (question_id: number, text: string) => ({ category: 'random', question_id, text })
  writeFileSync(answers, lines(answer(1, 'Yes.'), answer(2, 'yes'), answer(3, 'No, none.')))
  return { folder, questions, answers }
}

it('scores a file of answers and keeps every question with where its picture is', async () => {
  const { folder, questions, answers } = await popeFiles()
  const { directory, run } = order({
    ...{ kind: 'answers', benchmark: 'pope', questions: [questions], images: folder, unanswered: 'wrong' },
    by: { kind: 'file', path: answers },
  })
  expect(readKeptEvaluation(directory, 'one')).toMatchObject({ createdAt: 5, result: null, answered: null })
  await run()
  const { result } = readKeptEvaluation(directory, 'one')
  expect(result).toMatchObject({ kind: 'answers', result: { benchmark: 'pope', questions: 4, answered: 3 } })
  const list = openQuestions(directory)
  expect(list.counts).toEqual({ all: 4, wrong: 2, partly: 0, right: 1, unanswered: 1 })
  expect([...list.places('wrong')]).toEqual([1, 2])
  expect(list.read(0)).toMatchObject({ id: 'random/1', answer: 'Yes.', score: 1, image: '1.png' })
  expect(list.read(1).picture).toEqual({ kind: 'file', names: ['2.png'] })
  expect(list.read(3)).toMatchObject({ answer: null, read: null })
  expect(() => list.read(4)).toThrow('there is no question 4 among 4')
})

it('keeps each question with its own picture where those without an answer are left out', async () => {
  const { folder, questions, answers } = await popeFiles()
  writeFileSync(answers, lines({ category: 'random', question_id: 2, text: 'no' }))
  const { directory, run } = order({
    ...{ kind: 'answers', benchmark: 'pope', questions: [questions], images: folder, unanswered: 'leave-out' },
    by: { kind: 'file', path: answers },
  })
  await run()
  const list = openQuestions(directory)
  expect(list.counts.all).toBe(1)
  expect(list.read(0)).toMatchObject({ id: 'random/2', picture: { kind: 'file', names: ['2.png'] } })
})

it('measures pictures by the packaged network, and says which could not be read', async () => {
  const folder = temporaryFolder()
  const [samples, originals] = [join(folder, 'samples'), join(folder, 'originals')]
  for (const each of [samples, originals]) mkdirSync(each)
  for (const [at, png] of (await plainPngs(6)).entries()) {
    writeFileSync(join(samples, `${at}.png`), png)
    writeFileSync(join(originals, `${at}.png`), png)
  }
  writeFileSync(join(samples, 'torn.png'), 'no picture')
  const { directory, told, run } = order({
    ...{ kind: 'pictures', images: samples, reference: { kind: 'folder', path: originals }, role: 'samples', side: 16 },
  })
  await run()
  const { result } = readKeptEvaluation(directory, 'one')
  if (result?.kind !== 'pictures') throw new Error('pictures were asked for')
  expect(result.cards.map(({ metric }) => metric)).toContain('FD-MobileNetV2')
  expect(result.cards.find(({ metric }) => metric === 'FD-MobileNetV2')?.count).toBe(6)
  expect(result.unreadable).toMatchObject({ count: 1, first: [expect.stringContaining('torn')] })
  expect(told.some((words) => words.startsWith('pictures'))).toBe(true)
}, 60_000)

it('does not go on with the answers of a run that has been trained on since', async () => {
  const { folder, questions } = await popeFiles()
  const { directory, home, run } = order({
    ...{ kind: 'answers', benchmark: 'pope', questions: [questions], images: folder },
    by: { kind: 'run', run: 'learner', limit: 2 },
  })
  const { checkpoints } = runFiles(join(home, 'runs', 'learner'))
  mkdirSync(checkpoints, { recursive: true })
  writeFileSync(join(checkpoints, 'step-00000200.safetensors'), '')
  const kept = { category: 'random', question_id: 1, prompt: 'A dog?', text: 'yes', model_id: 'learner, step 100' }
  writeFileSync(evaluationFiles(directory).answers, lines(kept))
  expect(readKeptEvaluation(directory, 'one').answered).toBe(1)
  await expect(run()).rejects.toThrow(
    'learner, step 100 gave the answers that are kept, and the run has been trained on since: its newest checkpoint is that of learner, step 200',
  )
})

it('says what is missing, and leaves no result', async () => {
  const { questions } = await popeFiles()
  const { directory, run } = order({
    ...{ kind: 'answers', benchmark: 'pope', questions: [questions], by: { kind: 'file', path: '/nowhere/a.jsonl' } },
  })
  await expect(run()).rejects.toThrow('/nowhere/a.jsonl')
  expect(readKeptEvaluation(directory, 'one').result).toBeNull()
})

it('finds a line of a long list by its place', () => {
  const directory = temporaryFolder()
  const picture = { kind: 'embedded' as const, path: '/t.tsv', offset: 7, length: 3, row: 'row 2' }
  const one = (at: number) => ({
    ...{ id: `${at}`, question: `Frage ${at} – é?`, options: [], answer: `${at}`, read: `${at}`, truth: ['1'] },
    ...{ score: at % 3 === 0 ? 0 : at % 3 === 1 ? 0.6 : 1, image: '', groups: {}, picture },
  })
  writeQuestions(
    directory,
    Array.from({ length: 10_003 }, (_, at) => one(at)),
  )
  const list = openQuestions(directory)
  expect(list.counts).toEqual({ all: 10_003, unanswered: 0, wrong: 3335, partly: 3334, right: 3334 })
  expect(list.read(10_002)).toEqual(one(10_002))
  expect(list.places('partly')[3333]).toBe(10_000)
})
