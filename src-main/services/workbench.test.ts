import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ORPCError } from '@orpc/server'
import { afterEach, describe, expect, it } from 'vitest'
import quick from '../../resources/presets/quick.json' with { type: 'json' }
import { type FakeJob, fakeExecutor, recordLife } from '../../test/fakes/fake-executor.ts'
import { plainPngs, putFiles } from '../../test/fakes/picture-files.ts'
import { smallConfig } from '../../test/fakes/small-config.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { runFiles } from '../jobs/run-directory.ts'
import { createWorkbench, type Workbench, type WorkbenchOptions } from './workbench.ts'

const open: Workbench[] = []
afterEach(async () => {
  for (const workbench of open.splice(0)) await workbench.close()
})

/** Pretends to train: every process lives three steps and finishes. */
const finishes = (job: FakeJob): void => {
  job.record((recorder) => {
    recorder.tokens(['<pad>', 'apple'])
    recorder.sample(3, { x: { dtype: 'F32', shape: [1], data: new Float32Array([1]) } }, {})
    recordLife(recorder, { steps: 3 })
  })
  job.exit({ code: 0 })
}
const waits = (): void => {}

async function opened(onStart: (job: FakeJob) => void, options: Partial<WorkbenchOptions> = {}) {
  const home = options.home ?? join(temporaryFolder(), 'home')
  const executor = fakeExecutor(onStart)
  const workbench = await createWorkbench({ home, concurrency: 1, executor, ...options })
  open.push(workbench)
  return { home, executor, workbench, client: workbench.client }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await holds()) return
    await setTimeout(10)
  }
  throw new Error('it did not come to pass within two seconds')
}

const idle = (client: Workbench['client']) =>
  until(async () => {
    const { running, queued } = await client.app.status()
    return running + queued === 0
  })

async function problemOf(promise: Promise<unknown>): Promise<{ code: string; message: string; data: unknown }> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ORPCError)
  return error as ORPCError<string, unknown>
}

describe('the workbench', () => {
  it('trains a run from its config to its curves, sample and tokens', async () => {
    const { client } = await opened(finishes)
    const { id } = await client.runs.create({ config: smallConfig() })
    await idle(client)
    const run = await client.runs.get({ id })
    expect(run).toMatchObject({ state: 'finished', step: 3, attempts: 1, sampleSteps: [3], colour: 0, reason: '' })
    expect(run.latest['loss.reconstruction']).toBeCloseTo(1 / 3)
    expect(run.metricNames).toEqual(['heldout.mse', 'loss.reconstruction'])
    const [series] = await client.runs.metrics({ runIds: [id], names: ['heldout.mse'] })
    expect(series).toMatchObject({ step: [1, 2, 3], total: 3 })
    expect((await client.runs.sample({ id, step: 9 })).step).toBe(3)
    expect(await client.runs.tokens({ id })).toEqual({ vocabulary: ['<pad>', 'apple'], ids: null })
    expect((await client.runs.log({ id })).events.map(({ kind }) => kind)).toEqual(['started', 'ended'])
  })

  it('says which tokens the codes of a run are whose codebook is some of the vocabulary', async () => {
    const { client } = await opened((job) => {
      job.record((recorder) => {
        recorder.codes(new Int32Array([1, 3]))
        recorder.tokens(['<pad>', 'apple', 'pear', 'plum'])
        recordLife(recorder, { steps: 3 })
      })
      job.exit({ code: 0 })
    })
    const { id } = await client.runs.create({ config: smallConfig() })
    await idle(client)
    expect(await client.runs.tokens({ id })).toEqual({ vocabulary: ['<pad>', 'apple', 'pear', 'plum'], ids: [1, 3] })
  })

  it('queues the first seed of every arm before the second, and compares the arms', async () => {
    const { client } = await opened(finishes)
    const plan = { name: 'q', baseline: quick.baseline, factors: quick.factors, seeds: [0, 1] }
    const { id, runIds } = await client.ablations.create(plan)
    const place = new Map((await client.runs.list()).map((run) => [run.id, `${run.armLabel} ${run.seed}`]))
    expect(runIds.map((runId) => place.get(runId))).toEqual([
      'iterative 0',
      'frozen 0',
      'dual 0',
      'iterative 1',
      'frozen 1',
      'dual 1',
    ])
    await idle(client)
    const ablation = await client.ablations.get({ id })
    expect(ablation).toMatchObject({ runCount: 6, finished: 6, failed: 0, running: 0, seeds: [0, 1] })
    expect(ablation.arms.map(({ label, isBaseline }) => [label, isBaseline])).toEqual([
      ['iterative', true],
      ['frozen', false],
      ['dual', false],
    ])
    const cell = ablation.arms[1]?.cells['heldout.mse']
    expect(cell).toMatchObject({ n: 2, std: 0, best: true, difference: { mean: 0, low: 0, high: 0 } })
    expect(cell?.values.map(({ runId }) => runId)).toEqual(ablation.arms[1]?.runIds)
  })

  it('describes a stream by the pictures that it looked at, and names what was left out', async () => {
    const { client } = await opened(waits)
    const root = temporaryFolder()
    const pictures = Object.fromEntries((await plainPngs(30)).map((bytes, at) => [`pictures/${at}.png`, bytes]))
    const record = (image: string) => ({ image, conversations: [{ from: 'gpt', value: `picture ${image}` }] })
    const records = [...Array.from({ length: 30 }, (_, at) => record(`${at}.png`)), record('missing.png')]
    putFiles(root, { ...pictures, 'list.json': JSON.stringify(records) })
    const data = (reading: string, path = join(root, 'list.json')) => ({
      ...{ resolution: 32, heldOut: 0.2, splitSeed: 0, limit: 0, reading },
      source: { kind: 'llava', path, pictures: join(root, 'pictures') },
    })
    const [stream, cache] = [
      await client.data.describe({ data: data('stream') }),
      await client.data.describe({ data: data('cache') }),
    ]
    expect(stream).toMatchObject({ pictures: 30, looked: 30, unreadableCount: 1, classes: [{ name: '', count: 30 }] })
    expect(stream.unreadable).toEqual([{ file: 'record 30', reason: 'its picture "missing.png" is not in the folder' }])
    expect(stream.captions).toContainEqual({ id: '0.png', caption: 'picture 0.png' })
    const counts = ({ pictures, training, heldOut, texts }: typeof stream) => [
      pictures,
      training,
      heldOut,
      texts.training,
    ]
    expect(counts(stream)).toEqual(counts(cache))
    expect(cache.looked).toBeNull()
    const problem = await problemOf(client.data.describe({ data: data('stream', join(root, 'nothing.json')) }))
    expect(problem.message).toContain('there is no file')
  })

  it('writes nothing when a plan or a config is wrong, and names the path', async () => {
    const { client, home } = await opened(finishes)
    const wrong = { ...quick.baseline, codebook: { ...quick.baseline.codebook, intervall: 3 } }
    const problem = await problemOf(client.runs.create({ config: wrong }))
    expect(problem).toMatchObject({ code: 'BAD_REQUEST', data: { problems: [{ path: 'codebook.intervall' }] } })
    expect(problem.message).toMatch(/did you mean "interval"/)
    const factors = [{ path: 'tokenizer.kind', values: ['hq', 'vq'] }]
    const plan = { name: 'q', baseline: quick.baseline, factors, seeds: [0] }
    expect((await problemOf(client.ablations.create(plan))).code).toBe('BAD_REQUEST')
    expect(await client.runs.list()).toEqual([])
    expect(await client.ablations.list()).toEqual([])
    expect(readdirSync(join(home, 'runs'))).toEqual([])
  })

  it('answers unknown and hostile ids with values, never with files', async () => {
    const { client } = await opened(finishes)
    for (const call of [client.runs.get, client.runs.remove, client.runs.resume, client.ablations.get])
      expect((await problemOf(call({ id: 'no-such-run' }))).code).toBe('NOT_FOUND')
    for (const id of ['../../etc', '..', 'a/b', ''])
      expect((await problemOf(client.runs.remove({ id }))).code).toBe('BAD_REQUEST')
  })

  it('pauses a queued run and resumes it at the end of the queue', async () => {
    const { client, executor } = await opened(waits)
    const first = await client.runs.create({ config: smallConfig() })
    const second = await client.runs.create({ config: smallConfig() })
    await until(() => executor.jobs.length === 1)
    expect((await client.runs.get(second)).queuePosition).toBe(1)
    expect(await client.runs.pause(second)).toEqual({ state: 'paused' })
    expect((await problemOf(client.runs.pause(second))).code).toBe('CONFLICT')
    expect(await client.runs.resume(second)).toEqual({ state: 'queued' })
    expect((await problemOf(client.runs.remove(first))).code).toBe('CONFLICT')
    expect(await client.runs.stop(first)).toEqual({ state: 'running' })
    expect(executor.jobs[0]?.request()).toBe('stop')
    executor.jobs[0]?.record((recorder) => recordLife(recorder, { steps: 1, end: 'paused' }))
    executor.jobs[0]?.exit({ code: 0 })
    await until(() => executor.jobs.length === 2)
    executor.jobs[1]?.record((recorder) => recordLife(recorder, { steps: 1 }))
    executor.jobs[1]?.exit({ code: 0 })
    await idle(client)
  })

  it('leaves the queue alone where it is told to, and yet lets its runs be resumed and stopped', async () => {
    const { client, home, workbench, executor } = await opened(waits)
    const ids: string[] = []
    for (let i = 0; i < 3; i++) ids.push((await client.runs.create({ config: smallConfig() })).id)
    await until(() => executor.jobs.length === 1)
    executor.jobs[0]?.record((recorder) => recordLife(recorder, { steps: 1, end: 'paused' }))
    const closing = workbench.close()
    executor.jobs[0]?.exit({ code: 0 })
    await closing
    const again = await opened(finishes, { home, startQueued: false })
    expect(await again.client.app.status()).toMatchObject({ running: 0, queued: 0 })
    expect(await again.client.runs.stop({ id: ids[1] as string })).toEqual({ state: 'stopped' })
    expect(await again.client.runs.resume({ id: ids[2] as string })).toEqual({ state: 'queued' })
    await until(async () => (await again.client.runs.get({ id: ids[2] as string })).state === 'finished')
    expect((await again.client.runs.get({ id: ids[0] as string })).state).toBe('paused')
  })

  it('stops an ablation, keeps its runs when it is removed, and does not bring it back in a rebuild', async () => {
    const { client, home, workbench, executor } = await opened(waits)
    const plan = { name: 'q', baseline: quick.baseline, factors: quick.factors, seeds: [0] }
    const { id, runIds } = await client.ablations.create(plan)
    await until(() => executor.jobs.length === 1)
    expect((await problemOf(client.ablations.remove({ id }))).code).toBe('CONFLICT')
    expect(await client.ablations.stop({ id })).toEqual({ stopped: 3 })
    executor.jobs[0]?.record((recorder) => recordLife(recorder, { steps: 1, end: 'paused' }))
    executor.jobs[0]?.exit({ code: 0 })
    await idle(client)
    expect((await client.runs.list()).map(({ state }) => state).sort()).toEqual(['paused', 'stopped', 'stopped'])
    await client.ablations.remove({ id })
    await workbench.close()
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(home, `workbench.sqlite${suffix}`), { force: true })
    const again = await opened(waits, { home })
    expect(await again.client.ablations.list()).toEqual([])
    expect((await again.client.runs.list()).map((run) => run.id).sort()).toEqual(runIds)
  })

  it('clones a run with changes, and keeps who it came from', async () => {
    const { client } = await opened(finishes)
    const parent = await client.runs.create({ config: smallConfig() })
    const child = await client.runs.clone({ id: parent.id, changes: { 'codebook.interval': 7 } })
    const run = await client.runs.get(child)
    expect(run).toMatchObject({ parentId: parent.id, config: { codebook: { interval: 7 } } })
    const wrong = client.runs.clone({ id: parent.id, changes: { 'codebook.intervl': 7 } })
    expect((await problemOf(wrong)).message).toMatch(/did you mean "codebook.interval"/)
    await idle(client)
  })

  it('removes one run and its directory, and nothing else', async () => {
    const { client, home } = await opened(finishes)
    const a = await client.runs.create({ config: smallConfig() })
    const b = await client.runs.create({ config: smallConfig() })
    await idle(client)
    await client.runs.remove(a)
    expect(existsSync(join(home, 'runs', a.id))).toBe(false)
    expect(existsSync(join(home, 'runs', b.id))).toBe(true)
    expect((await client.runs.list()).map(({ id }) => id)).toEqual([b.id])
    await client.runs.annotate({ id: b.id, tags: ['good', 'good'], note: 'keep' })
    expect((await client.runs.list())[0]).toMatchObject({ tags: ['good'], note: 'keep', colour: 1 })
  })

  it('gives the same runs and ablations when the database is rebuilt from the directories', async () => {
    const { client, home, workbench } = await opened(finishes)
    const plan = { name: 'q', baseline: quick.baseline, factors: quick.factors, seeds: [0, 1] }
    const { id } = await client.ablations.create(plan)
    await idle(client)
    const before = { runs: await client.runs.list(), ablation: await client.ablations.get({ id }) }
    await workbench.close()
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(home, `workbench.sqlite${suffix}`), { force: true })
    const again = await opened(finishes, { home })
    expect(again.executor.jobs).toHaveLength(0)
    expect({ runs: await again.client.runs.list(), ablation: await again.client.ablations.get({ id }) }).toEqual(before)
  })

  it('calls a run interrupted whose process died with the app, keeps the queue and resumes', async () => {
    const { client, home, workbench, executor } = await opened(waits)
    const { id } = await client.runs.create({ config: smallConfig() })
    const queued = await client.runs.create({ config: smallConfig() })
    await until(() => executor.jobs.length === 1)
    executor.jobs[0]?.record((recorder) => recordLife(recorder, { steps: 2, end: null }))
    // The app is killed: no state is written any more, the process is gone.
    const copy = join(temporaryFolder(), 'home')
    cpSync(home, copy, { recursive: true, filter: (path) => !path.endsWith('lock') })
    executor.jobs[0]?.exit({ signal: 'SIGKILL' })
    await workbench.close()
    const again = await opened(finishes, { home: copy })
    const run = await again.client.runs.get({ id })
    expect(run).toMatchObject({ state: 'interrupted', step: 2 })
    expect(run.reason).toMatch(/resume it to go on/)
    await idle(again.client)
    expect((await again.client.runs.get(queued)).state).toBe('finished')
    await again.client.runs.resume({ id })
    await idle(again.client)
    expect(await again.client.runs.get({ id })).toMatchObject({ state: 'finished', attempts: 2, step: 3 })
  })

  it('takes in a directory copied from elsewhere, and reports one that cannot be read without stopping', async () => {
    const source = await opened(finishes)
    const { id } = await source.client.runs.create({ config: smallConfig() })
    await idle(source.client)
    const target = await opened(finishes)
    cpSync(join(source.home, 'runs', id), join(target.home, 'runs', 'copied-run'), { recursive: true })
    mkdirSync(join(target.home, 'runs', 'broken'))
    expect(target.workbench.importRuns()).toEqual(['copied-run'])
    expect(target.workbench.importRuns()).toEqual([])
    expect(await target.client.runs.get({ id: 'copied-run' })).toMatchObject({ state: 'finished', step: 3 })
    expect(readFileSync(join(target.home, 'app.log'), 'utf8').match(/broken cannot be read/g)).toHaveLength(1)
  })

  it('names a damaged sample and keeps the rest of the run readable', async () => {
    const { client, home } = await opened(finishes)
    const { id } = await client.runs.create({ config: smallConfig() })
    await idle(client)
    truncateSync(join(runFiles(join(home, 'runs', id)).samples, 'step-00000003.safetensors'), 20)
    const problem = await problemOf(client.runs.sample({ id, step: 3 }))
    expect(problem.code).toBe('UNREADABLE')
    expect(problem.message).toMatch(/step-00000003\.safetensors cannot be read/)
    expect((await problemOf(client.runs.sample({ id, step: 1 }))).code).toBe('NOT_FOUND')
    expect((await client.runs.get({ id })).state).toBe('finished')
  })

  it('gives what a model said to held-out questions, and says what is wrong with a damaged file', async () => {
    const answer = {
      task: 'name',
      place: 1,
      turn: 0,
      question: 'what is this?',
      answer: 'a cat',
      blind: false,
    } as const
    const { client, home } = await opened((job) => {
      job.record((recorder) => {
        recorder.answers(2, [{ ...answer, said: 'a dog', right: false }])
        recorder.answers(4, [{ ...answer, said: 'a cat', right: true }])
        recordLife(recorder, { steps: 4 })
      })
      job.exit({ code: 0 })
    })
    const { id } = await client.runs.create({ config: smallConfig() })
    await idle(client)
    expect((await client.runs.get({ id })).answerSteps).toEqual([2, 4])
    const early = await client.runs.answers({ id, step: 3 })
    expect(early).toEqual({ step: 2, answers: [{ ...answer, said: 'a dog', right: false }] })
    expect(await problemOf(client.runs.answers({ id, step: 1 }))).toMatchObject({ code: 'NOT_FOUND' })
    writeFileSync(join(runFiles(join(home, 'runs', id)).answers, 'step-00000004.json'), '[{"task": "name"}]')
    const problem = await problemOf(client.runs.answers({ id, step: 9 }))
    expect(problem.code).toBe('UNREADABLE')
    expect(problem.message).toMatch(/step-00000004\.json cannot be read/)
  })

  it('keeps settings of the window and the number of runs at once', async () => {
    const { client, home, workbench } = await opened(waits, { concurrency: 2 })
    await client.app.saveSetting({ key: 'theme', value: 'dark' })
    await client.app.saveSetting({ key: 'gone', value: 1 })
    await client.app.saveSetting({ key: 'gone', value: null })
    await client.app.setConcurrency({ concurrency: 5 })
    await workbench.close()
    const again = await createWorkbench({ home, executor: fakeExecutor() })
    open.push(again)
    expect(await again.client.app.settings()).toEqual({ theme: 'dark' })
    expect((await again.client.app.status()).concurrency).toBe(5)
  })

  it('tells a second app on the same home who has it', async () => {
    const { home } = await opened(waits)
    await expect(createWorkbench({ home })).rejects.toThrow(/in use by process \d+/)
  })
})
