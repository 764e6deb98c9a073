import { writeFileSync } from 'node:fs'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type FakeExecutor, fakeExecutor, recordLife } from '../../test/fakes/fake-executor.ts'
import { smallConfig } from '../../test/fakes/small-config.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { outcomeOf } from './outcome.ts'
import { createRunDirectory, runFiles } from './run-directory.ts'
import { runPath } from './run-id.ts'
import { createScheduler, type Scheduler, type SchedulerOptions } from './scheduler.ts'

interface Stage {
  scheduler: Scheduler
  executor: FakeExecutor
  /** "id state" in the order they were told. */
  told: string[]
  reasons: Record<string, string>
  directory(id: string): string
}

const open: Scheduler[] = []
afterEach(async () => {
  for (const scheduler of open.splice(0)) await scheduler.close(0)
})

function stage(ids: string[], options: Partial<SchedulerOptions> = {}): Stage {
  const runsFolder = temporaryFolder()
  const executor = (options.executor as FakeExecutor | undefined) ?? fakeExecutor()
  const told: string[] = []
  const reasons: Record<string, string> = {}
  for (const id of ids)
    createRunDirectory(runPath(runsFolder, id), smallConfig(), { createdAt: 0, parentId: null, ablation: null })
  const scheduler = createScheduler({
    executor,
    entry: 'train.ts',
    runsFolder,
    cacheFolder: runsFolder,
    cores: 4,
    concurrency: 2,
    retryDelay: 1,
    onState(id, { state, reason }) {
      told.push(`${id} ${state}`)
      reasons[id] = reason
    },
    ...options,
  })
  open.push(scheduler)
  return { scheduler, executor, told, reasons, directory: (id) => runPath(runsFolder, id) }
}

const turn = async () => {
  for (let i = 0; i < 5; i++) await setImmediate()
}

describe('the scheduler', () => {
  it('starts runs in order, at most so many at once, and the next when one ends', async () => {
    const { scheduler, executor, told } = stage(['a', 'b', 'c', 'd'])
    for (const id of ['a', 'b', 'c', 'd']) scheduler.enqueue(id)
    await turn()
    expect(scheduler.running()).toEqual(['a', 'b'])
    expect(scheduler.queued()).toEqual(['c', 'd'])
    executor.jobs[1]?.record((recorder) => recordLife(recorder, { steps: 1 }))
    executor.jobs[1]?.exit({ code: 0 })
    await turn()
    expect(scheduler.running()).toEqual(['a', 'c'])
    expect(told).toEqual(['a running', 'b running', 'b finished', 'c running'])
  })

  it('divides the cores among the runs, unless the config names its threads', async () => {
    const { scheduler, executor } = stage(['a'])
    scheduler.enqueue('a')
    await turn()
    expect(executor.jobs[0]?.threads).toBe(2)
    const engine = { runtime: 'onnx', provider: 'cpu', threads: 3 } as const
    const second = stage([])
    createRunDirectory(second.directory('own'), smallConfig({ engine }), {
      createdAt: 0,
      parentId: null,
      ablation: null,
    })
    second.scheduler.enqueue('own')
    await turn()
    expect(second.executor.jobs[0]?.threads).toBe(3)
  })

  it('starts more when more are allowed, and never ends any when fewer are', async () => {
    const { scheduler } = stage(['a', 'b', 'c'], { concurrency: 1 })
    for (const id of ['a', 'b', 'c']) scheduler.enqueue(id)
    await turn()
    scheduler.setConcurrency(3)
    expect(scheduler.running()).toEqual(['a', 'b', 'c'])
    scheduler.setConcurrency(1)
    expect(scheduler.running()).toHaveLength(3)
  })

  it('asks a running process to pause, and takes a queued run out of the queue', async () => {
    const { scheduler, executor, told } = stage(['a', 'b'], { concurrency: 1 })
    scheduler.enqueue('a')
    scheduler.enqueue('b')
    await turn()
    expect(scheduler.pause('b')).toBe('paused')
    expect(scheduler.pause('a')).toBe('running')
    expect(executor.jobs[0]?.request()).toBe('pause')
    executor.jobs[0]?.record((recorder) => recordLife(recorder, { steps: 2, end: 'paused' }))
    executor.jobs[0]?.exit({ code: 0 })
    await turn()
    expect(told).toEqual(['a running', 'a paused'])
    expect(scheduler.pause('a')).toBeNull()
  })

  it('clears an old request before it starts a run again', async () => {
    const { scheduler, executor } = stage(['a'])
    scheduler.enqueue('a')
    await turn()
    scheduler.pause('a')
    executor.jobs[0]?.record((recorder) => recordLife(recorder, { steps: 2, end: 'paused' }))
    executor.jobs[0]?.exit({ code: 0 })
    await turn()
    scheduler.enqueue('a')
    await turn()
    expect(executor.jobs).toHaveLength(2)
    expect(executor.jobs[1]?.request()).toBeNull()
  })

  it('calls a run interrupted whose process dies, with the signal and the last words', async () => {
    const { scheduler, executor, told, reasons, directory } = stage(['a'])
    scheduler.enqueue('a')
    await turn()
    executor.jobs[0]?.record((recorder) => recordLife(recorder, { steps: 2, end: null }))
    writeFileSync(runFiles(directory('a')).stderr, 'warming up\nRangeError: Array buffer allocation failed\n    at x\n')
    executor.jobs[0]?.exit({ signal: 'SIGKILL' })
    await turn()
    expect(told.at(-1)).toBe('a interrupted')
    expect(reasons.a).toMatch(/killed \(SIGKILL\).*RangeError: Array buffer allocation failed/)
    expect(outcomeOf(directory('a'))).toEqual({ state: 'interrupted', reason: reasons.a })
  })

  it.each([
    "terminate called after throwing an instance of 'std::bad_alloc'",
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
  ])('says that there was no memory where the process could not say so itself: %s', async (lastWords) => {
    const { scheduler, executor, reasons, directory } = stage(['a'])
    scheduler.enqueue('a')
    await turn()
    executor.jobs[0]?.record((recorder) => recordLife(recorder, { steps: 2, end: null }))
    writeFileSync(runFiles(directory('a')).stderr, `${lastWords}\n`)
    executor.jobs[0]?.exit({ signal: 'SIGABRT' })
    await turn()
    expect(reasons.a).toMatch(/^Its process had no memory left.*training\.batchSize.*resume/)
  })

  it('does not take the end of an earlier attempt for the end of one that died', async () => {
    const { scheduler, executor, told, directory } = stage(['a'])
    scheduler.enqueue('a')
    await turn()
    executor.jobs[0]?.record((recorder) => recordLife(recorder, { steps: 2, end: 'paused' }))
    executor.jobs[0]?.exit({ code: 0 })
    await turn()
    scheduler.enqueue('a')
    await turn()
    executor.jobs[1]?.record((recorder) => recordLife(recorder, { from: 2, steps: 3, end: null }))
    executor.jobs[1]?.exit({ code: 134 })
    await turn()
    expect(told.at(-1)).toBe('a interrupted')
    expect(outcomeOf(directory('a')).reason).toMatch(/exit code 134/)
  })

  it('gives up after three starts without a first event, and says so', async () => {
    const executor = fakeExecutor((job) => job.exit({ spawnError: 'ENOMEM' }))
    const { scheduler, told, reasons } = stage(['a'], { executor })
    scheduler.enqueue('a')
    await setTimeout(60)
    expect(executor.jobs).toHaveLength(3)
    expect(told).toEqual(['a running', 'a interrupted'])
    expect(reasons.a).toMatch(/3 starts.*ENOMEM/)
  })

  it('kills a process that does not answer a request to stop, and calls the run stopped', async () => {
    const { scheduler, executor, told } = stage(['a'], { stopGrace: 20 })
    scheduler.enqueue('a')
    await turn()
    executor.jobs[0]?.record((recorder) => recordLife(recorder, { steps: 1, end: null }))
    scheduler.stop('a')
    expect(executor.jobs[0]?.request()).toBe('stop')
    await setTimeout(60)
    expect(executor.jobs[0]?.killed).toBe(true)
    expect(told.at(-1)).toBe('a stopped')
  })

  it('goes on with the queue when a directory cannot be read', async () => {
    const { scheduler, told, reasons, directory } = stage(['a', 'b'], { concurrency: 1 })
    writeFileSync(runFiles(directory('a')).config, 'not json')
    scheduler.enqueue('a')
    scheduler.enqueue('b')
    await turn()
    expect(told).toEqual(['a running', 'a interrupted', 'b running'])
    expect(reasons.a).toMatch(/config\.json is damaged/)
  })

  it('asks all to pause when it is closed, waits for them and starts nothing more', async () => {
    const { scheduler, executor, told } = stage(['a', 'b'], { concurrency: 1 })
    scheduler.enqueue('a')
    scheduler.enqueue('b')
    await turn()
    const closing = scheduler.close(5000)
    expect(executor.jobs[0]?.request()).toBe('pause')
    executor.jobs[0]?.record((recorder) => recordLife(recorder, { steps: 1, end: 'paused' }))
    executor.jobs[0]?.exit({ code: 0 })
    await closing
    expect(told).toEqual(['a running', 'a paused'])
    expect(executor.jobs).toHaveLength(1)
  })

  it('hands on only what a training process needs of the environment', async () => {
    process.env.SOME_SECRET_TOKEN = 'x'
    const { scheduler, executor } = stage(['a'])
    scheduler.enqueue('a')
    await turn()
    delete process.env.SOME_SECRET_TOKEN
    expect(executor.environment.PATH).toBe(process.env.PATH)
    expect(executor.environment).not.toHaveProperty('SOME_SECRET_TOKEN')
  })
})
