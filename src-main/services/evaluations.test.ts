import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import type { CodebookEvaluationEvent, MeasuredCodebook } from '../../src-shared/codebook-evaluation.ts'
import { type FakeTalkingJob, fakeExecutor, recordLife } from '../../test/fakes/fake-executor.ts'
import { smallConfig } from '../../test/fakes/small-config.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { runFiles } from '../jobs/run-directory.ts'
import { createWorkbench, type Workbench } from './workbench.ts'

const open: Workbench[] = []
afterEach(async () => {
  for (const workbench of open.splice(0)) await workbench.close()
})

const asked = { classes: 'group', pictures: 7, seed: 3 } as const
const measured: MeasuredCodebook = { step: 3, measuredAt: 5, asked, cards: [], notMeasured: [{ what: 'a', why: 'b' }] }

/** A run with a checkpoint, unless told otherwise. */
async function opened(checkpoint = true) {
  const executor = fakeExecutor((job) => {
    job.record((recorder) => {
      if (checkpoint) recorder.checkpoint(3, { x: { dtype: 'F32', shape: [1], data: new Float32Array(1) } }, {})
      recordLife(recorder, { steps: 3 })
    })
    job.exit({ code: 0 })
  })
  const home = join(temporaryFolder(), 'home')
  const workbench = await createWorkbench({ home, concurrency: 1, executor })
  open.push(workbench)
  const { client } = workbench
  const { id } = await client.runs.create({ config: smallConfig() })
  for (let tries = 0; (await client.runs.get({ id })).state !== 'finished' && tries < 200; tries++) await setTimeout(10)
  const { evaluations } = client
  /** Begins to measure; the process is there once the first event is awaited. */
  const begun = async (): Promise<{
    next: Promise<IteratorResult<CodebookEvaluationEvent, unknown>>
    events: AsyncIterator<CodebookEvaluationEvent, unknown, void>
    job: FakeTalkingJob
  }> => {
    const count = executor.talking.length
    const events = (await evaluations.measureCodebook({ id, asked }))[Symbol.asyncIterator]()
    const next = events.next()
    for (let tries = 0; executor.talking.length === count && tries < 200; tries++) await setTimeout(5)
    return { next, events, job: executor.talking[count] as FakeTalkingJob }
  }
  const files = runFiles(join(home, 'runs', id))
  /** As the process leaves its figures. */
  const keep = (figures: unknown) => {
    mkdirSync(dirname(files.codebookEvaluation), { recursive: true })
    writeFileSync(files.codebookEvaluation, JSON.stringify(figures))
  }
  return { id, home, evaluations, executor, begun, files, keep }
}

it('tells how far it is and what came of it, and ends its process', async () => {
  const { home, id, begun, keep } = await opened()
  const { next, events, job } = await begun()
  const directory = join(home, 'runs', id)
  expect(JSON.parse(job.order.arguments[2] as string)).toEqual({ kind: 'codebook', directory, asked })
  job.say({ kind: 'progress', share: 0.25, words: 'probing' })
  expect(await next).toEqual({ done: false, value: { kind: 'progress', share: 0.25, words: 'probing' } })
  keep(measured)
  job.say({ kind: 'done' })
  expect((await events.next()).value).toEqual({ kind: 'measured', measured })
  expect((await events.next()).done).toBe(true)
  expect(job.killed).toBe(true)
})

it('is stopped by who goes, and only one measures at a time', async () => {
  const { evaluations, id, begun, keep } = await opened()
  const first = await begun()
  first.job.say({ kind: 'progress', share: 0, words: 'usage' })
  await first.next
  const second = (await evaluations.measureCodebook({ id, asked }))[Symbol.asyncIterator]()
  await expect(second.next()).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('is under way'),
  })
  await first.events.return?.()
  expect(first.job.killed).toBe(true)
  const third = await begun()
  keep(measured)
  third.job.say({ kind: 'done' })
  expect((await third.next).value).toEqual({ kind: 'measured', measured })
})

it('says why it failed: in the words of the process, or how that ended', async () => {
  const { begun } = await opened()
  const failing = async (end: (job: FakeTalkingJob) => void): Promise<unknown> => {
    const { next, job } = await begun()
    end(job)
    return next.catch((error: unknown) => error)
  }
  expect(await failing((job) => job.say({ kind: 'failed', message: 'the run holds no pictures out' }))).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('the run holds no pictures out'),
    data: { hint: expect.stringContaining('measuring.log') },
  })
  expect(await failing((job) => job.exit({ code: 9 }))).toMatchObject({
    message: expect.stringContaining('ended with exit code 9 before it was done'),
  })
  expect(await failing((job) => job.say({ kind: 'done', measured }))).toMatchObject({
    message: expect.stringContaining('what nobody expects'),
  })
})

it('gives the figures that were kept, none before, and names what is damaged', async () => {
  const { evaluations, files, id, keep } = await opened()
  expect(await evaluations.codebook({ id })).toBeNull()
  keep(measured)
  expect(await evaluations.codebook({ id })).toEqual(measured)
  writeFileSync(files.codebookEvaluation, '{"step": ')
  await expect(evaluations.codebook({ id })).rejects.toMatchObject({
    code: 'UNREADABLE',
    data: { hint: expect.stringContaining('Measure it again') },
  })
})

it('refuses runs that are not there or have no checkpoint', async () => {
  const early = await opened(false)
  const next = async (id: string) =>
    (await early.evaluations.measureCodebook({ id, asked }))[Symbol.asyncIterator]().next()
  await expect(next(early.id)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('no checkpoint'),
  })
  await expect(next('gone')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(early.executor.talking).toEqual([])
  expect(existsSync(early.files.codebookEvaluation)).toBe(false)
})
