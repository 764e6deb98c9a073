import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import type { MeasuringProgress } from '../../src-shared/codebook-evaluation.ts'
import { askedEvaluationSchema } from '../../src-shared/kept-evaluations.ts'
import { decodeSafetensors } from '../../src-shared/safetensors.ts'
import { fakeExecutor } from '../../test/fakes/fake-executor.ts'
import { plainPngs } from '../../test/fakes/picture-files.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { evaluationFiles } from '../jobs/kept-evaluation.ts'
import { runKeptEvaluation } from '../jobs/run-kept-evaluation.ts'
import { createWorkbench, type Workbench } from './workbench.ts'

const open: Workbench[] = []
afterEach(async () => {
  for (const workbench of open.splice(0)) await workbench.close()
})

const lines = (...entries: object[]): string => entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')

async function opened() {
  const executor = fakeExecutor()
  const home = join(temporaryFolder(), 'home')
  const workbench = await createWorkbench({ home, concurrency: 1, executor })
  open.push(workbench)
  const folder = temporaryFolder()
  const questions = join(folder, 'coco_pope_random.json')
  const question = (question_id: number, image: string) => ({ question_id, image, text: 'A dog?', label: 'yes' })
  writeFileSync(questions, lines(question(1, '1.png'), question(2, '2.png')))
  writeFileSync(join(folder, '1.png'), (await plainPngs(1))[0] as Buffer)
  const answers = join(folder, 'answers.jsonl')
  writeFileSync(
    answers,
    lines({ category: 'random', question_id: 1, text: 'yes' }, { category: 'random', question_id: 2, text: 'no' }),
  )
  const { evaluations } = workbench.client
  const asked = askedEvaluationSchema.parse({
    ...{ kind: 'answers', benchmark: 'pope', questions: [questions], images: folder },
    by: { kind: 'file', path: answers },
  })
  /** Begins to score; the process is there once the first event is awaited. */
  const begun = async (id: string) => {
    const count = executor.talking.length
    const events = (await evaluations.score({ id }))[Symbol.asyncIterator]() as AsyncIterator<MeasuringProgress>
    const next = events.next()
    for (let tries = 0; executor.talking.length === count && tries < 200; tries++) await setTimeout(5)
    return { next, events, job: executor.talking[count] }
  }
  const directoryOf = (id: string) => join(home, 'evaluations', id)
  /** What the process does. */
  const done = (id: string) =>
    runKeptEvaluation(directoryOf(id), { cacheDir: join(home, 'cache'), threads: 1, progress: () => {} })
  return { evaluations, asked, folder, begun, done, directoryOf }
}

it('keeps what is asked, scores it in a process of its own, and lists what came of it', async () => {
  const { evaluations, asked, begun, done, directoryOf } = await opened()
  const { id } = await evaluations.create({ asked })
  expect(await evaluations.get({ id })).toMatchObject({ asked, result: null })
  const { next, events, job } = await begun(id)
  expect(JSON.parse(job?.order.arguments[2] as string)).toEqual({ kind: 'evaluation', directory: directoryOf(id) })
  job?.say({ kind: 'progress', share: 0.5, words: 'halfway' })
  expect((await next).value).toEqual({ kind: 'progress', share: 0.5, words: 'halfway' })
  expect((await evaluations.get({ id })).isBeingScored).toBe(true)
  await expect(evaluations.remove({ id })).rejects.toMatchObject({ code: 'CONFLICT' })
  await done(id)
  job?.say({ kind: 'done' })
  expect((await events.next()).done).toBe(true)

  const { evaluations: list } = await evaluations.list()
  expect(list.map((one) => [one.id, one.result?.kind])).toEqual([[id, 'answers']])
  const { counts, questions } = await evaluations.questions({ id, which: 'wrong', from: 0, count: 10 })
  expect(counts).toEqual({ all: 2, wrong: 1, partly: 0, right: 1, unanswered: 0 })
  expect(questions).toMatchObject([{ place: 1, id: 'random/2', answer: 'no', truth: ['yes'] }])
  expect(questions[0]).not.toHaveProperty('picture')
  const document = JSON.parse(await (await evaluations.document({ id })).text())
  expect(document).toMatchObject({ benchmark: 'pope', scores: { 'random/1': 1, 'random/2': 0 } })
  await expect((await evaluations.score({ id }))[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    message: expect.stringContaining('is done'),
  })
  await evaluations.remove({ id })
  expect(existsSync(directoryOf(id))).toBe(false)
  await expect(evaluations.get({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

it('is stopped by who goes, and can be scored again', async () => {
  const { evaluations, asked, begun } = await opened()
  const { id } = await evaluations.create({ asked })
  const first = await begun(id)
  first.job?.say({ kind: 'progress', share: 0.5, words: 'halfway' })
  await first.next
  await first.events.return?.()
  expect(first.job?.killed).toBe(true)
  expect(await evaluations.get({ id })).toMatchObject({ result: null, isBeingScored: false })
  const second = await begun(id)
  second.job?.say({ kind: 'failed', message: 'the disk is full' })
  await expect(second.next).rejects.toMatchObject({ message: 'scoring POPE: answers.jsonl failed: the disk is full' })
})

it('gives pictures’ figures with their cards as a document', async () => {
  const { evaluations, folder, directoryOf } = await opened()
  const asked = askedEvaluationSchema.parse({ kind: 'pictures', images: folder, reference: null, role: 'samples' })
  const { id } = await evaluations.create({ asked })
  await expect(evaluations.document({ id })).rejects.toMatchObject({ message: expect.stringContaining('is not done') })
  const result = { kind: 'pictures', finishedAt: 1, cards: [], unreadable: { count: 0, first: [] } }
  writeFileSync(evaluationFiles(directoryOf(id)).result, JSON.stringify(result))
  expect(JSON.parse(await (await evaluations.document({ id })).text())).toEqual(result)
})

it('shows the picture of a question, and names one that is not there', async () => {
  const { evaluations, asked, done } = await opened()
  const { id } = await evaluations.create({ asked })
  await expect(evaluations.questions({ id, which: 'all', from: 0, count: 1 })).rejects.toMatchObject({
    message: expect.stringContaining('no scored answers'),
  })
  await done(id)
  const shown = await evaluations.picture({ id, place: 0, run: null })
  if (!shown) throw new Error('the question has a picture')
  const bytes = new Uint8Array(await shown.file.arrayBuffer())
  expect(decodeSafetensors(bytes).tensors.picture).toMatchObject({
    dtype: 'U8',
    shape: [expect.any(Number), expect.any(Number), 3],
  })
  expect(shown.codes).toEqual([])
  await expect(evaluations.picture({ id, place: 1, run: null })).rejects.toMatchObject({
    code: 'UNREADABLE',
    message: expect.stringContaining('2.png'),
  })
  await expect(evaluations.picture({ id, place: 9, run: null })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(evaluations.picture({ id, place: 0, run: 'gone' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

it('refuses paths that lead nowhere, each by its setting, and runs that are not there', async () => {
  const { evaluations, asked, folder } = await opened()
  if (asked.kind !== 'answers') throw new Error('answers are asked')
  const wrong = {
    ...asked,
    questions: ['relative.json', join(folder, 'none.json')],
    images: asked.questions[0] as string,
  }
  await expect(evaluations.create({ asked: wrong })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    data: {
      problems: [
        { path: 'questions.0', message: expect.stringContaining('is not a whole path') },
        { path: 'questions.1', message: expect.stringContaining('there is nothing at') },
        { path: 'images', message: expect.stringContaining('should be a folder') },
      ],
    },
  })
  const byRun = { ...asked, by: { kind: 'run' as const, run: 'gone', limit: 0, newTokens: 8 } }
  const long = { ...asked, images: `/${'a'.repeat(300)}` }
  await expect(evaluations.create({ asked: long })).rejects.toMatchObject({
    data: { problems: [{ path: 'images', message: expect.stringMatching(/cannot be looked at|there is nothing at/) }] },
  })
  await expect(evaluations.create({ asked: byRun })).rejects.toMatchObject({
    message: expect.stringContaining('there is no run gone'),
  })
})

it('lists what can be read, and says what cannot', async () => {
  const { evaluations, asked, directoryOf } = await opened()
  const { id } = await evaluations.create({ asked })
  mkdirSync(directoryOf('damaged'))
  writeFileSync(evaluationFiles(directoryOf('damaged')).asked, '{')
  const { evaluations: list, unreadable } = await evaluations.list()
  expect(list.map((one) => one.id)).toEqual([id])
  expect(unreadable).toEqual([{ id: 'damaged', why: expect.stringContaining('asked.json cannot be read') }])
  expect(readFileSync(evaluationFiles(directoryOf(id)).asked, 'utf8')).toContain('pope')
})
