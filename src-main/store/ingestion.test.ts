import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { RunEvent } from '../../src-shared/events.ts'
import { smallConfig } from '../../test/fakes/small-config.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { tinyStageTwoConfig } from '../../test/fixtures/tiny-stage-two-config.ts'
import { type Database, openDatabase } from './database.ts'
import { createIngestion } from './ingestion.ts'
import { createRunsStore, secondsPerStep } from './runs-store.ts'
import { createSeries } from './series.ts'

function withRun(config = smallConfig()): { database: Database; id: string } {
  const database = openDatabase(join(temporaryFolder(), 'workbench.sqlite'))
  createRunsStore(database).insert([{ id: 'run-1', config, createdAt: 0, parentId: null, cell: null }], 'queued')
  return { database, id: 'run-1' }
}

/** A run of two stages that is going, and their steps. */
function withStages(): { database: Database; id: string; first: number; later: number } {
  const config = tinyStageTwoConfig('name', ({ training }) => Object.assign(training, { steps: 8 }))
  const { database, id } = withRun(config)
  createRunsStore(database).setState(id, 'running', '')
  return { database, id, first: 8, later: config.multimodal.steps }
}

/** Everything that the database holds of the run's events. */
function dump(database: Database): unknown {
  const table = (name: string) => database.sqlite.prepare(`SELECT * FROM ${name} ORDER BY 1, 2, 3`).all()
  return { metrics: table('metrics'), latest: table('latest_metrics'), events: table('events'), runs: table('runs') }
}

/** A life of several attempts, each resuming at an earlier step and computing the same values again. */
function life(attempts: readonly { resumeAt: number; until: number }[]): RunEvent[] {
  const events: RunEvent[] = []
  let seq = 0
  const push = (event: object) => {
    seq += 1
    events.push({ seq, time: 1000 + 10 * seq, ...event } as RunEvent)
  }
  for (const [index, { resumeAt, until }] of attempts.entries()) {
    push({ kind: 'started', attempt: index + 1, pid: 1, step: resumeAt, threads: 1 })
    for (let step = resumeAt + 1; step <= until; step++) {
      push({ kind: 'metrics', step, values: { loss: 1 / step, speed: 7 } })
      if (step % 3 === 0) push({ kind: 'alarm', step, name: 'collapse', message: 'm', remedy: 'r' })
    }
  }
  push({ kind: 'ended', state: 'finished', step: attempts.at(-1)?.until ?? 0, reason: '' })
  return events
}

const attempts = fc
  .array(fc.record({ resumeAt: fc.nat({ max: 6 }), until: fc.integer({ min: 1, max: 12 }) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((list) => list.map((one, index) => (index === 0 ? { ...one, resumeAt: 0 } : one)))

it('gives the same rows however the events are cut into batches, repeated and interleaved', () => {
  fc.assert(
    fc.property(
      attempts,
      fc.array(fc.record({ back: fc.nat({ max: 6 }), length: fc.nat({ max: 9 }) })),
      (lives, cuts) => {
        const events = life(lives)
        const whole = withRun()
        createIngestion(whole.database).take(whole.id, events, 5000)
        const pieces = withRun()
        const ingestion = createIngestion(pieces.database)
        let done = 0
        for (const { back, length } of cuts) {
          const from = Math.max(0, done - back)
          const until = Math.min(events.length, done + length)
          ingestion.take(pieces.id, events.slice(from, until), done)
          done = until
        }
        ingestion.take(pieces.id, events.slice(Math.max(0, done - 2)), 5000)
        ingestion.take(pieces.id, events, 5000)
        expect(dump(pieces.database)).toEqual(dump(whole.database))
        whole.database.close()
        pieces.database.close()
      },
    ),
    { numRuns: 25 },
  )
})

it('lets the later event win for one metric at one step, and counts an alarm raised twice once', () => {
  const { database, id } = withRun()
  const events = life([
    { resumeAt: 0, until: 4 },
    { resumeAt: 2, until: 5 },
  ]).map((event) => (event.kind === 'metrics' ? { ...event, values: { loss: event.seq } } : event))
  createIngestion(database).take(id, events, 100)
  const { step, value } = createSeries(database)({ runId: id, name: 'loss', maxPoints: 100 })
  expect(step).toEqual([1, 2, 3, 4, 5])
  expect(value[2]).toBe(events.findLast((event) => event.kind === 'metrics' && event.step === 3)?.seq)
  const [summary] = createRunsStore(database).summaries()
  expect(summary).toMatchObject({ alarms: 1, step: 5, latest: { loss: value[4] } })
  database.close()
})

it('measures the pace from the first step of the latest attempt on', () => {
  const { database, id } = withRun()
  const base = { kind: 'metrics', values: { loss: 1 } } as const
  const events: RunEvent[] = [
    { seq: 1, time: 0, kind: 'started', attempt: 1, pid: 1, step: 0, threads: 1 },
    { seq: 2, time: 9000, ...base, step: 0 },
    { seq: 3, time: 10_000, ...base, step: 1 },
    { seq: 4, time: 14_000, ...base, step: 3 },
  ]
  const ingestion = createIngestion(database)
  ingestion.take(id, events, 1)
  const row = () => createRunsStore(database).row(id) ?? expect.fail('no row')
  expect(secondsPerStep(row())).toBe(2)
  ingestion.take(id, [{ seq: 5, time: 99_000, kind: 'started', attempt: 2, pid: 1, step: 3, threads: 1 }], 2)
  expect(secondsPerStep(row())).toBeNull()
  expect(row().attempts).toBe(2)
  database.close()
})

it('measures the pace of each stage by itself', () => {
  const { database, id, first } = withStages()
  const metrics = (seq: number, seconds: number, step: number): RunEvent => ({
    ...{ seq, time: 1000 * seconds, step },
    kind: 'metrics',
    values: { loss: 1 },
  })
  const ingestion = createIngestion(database)
  ingestion.take(
    id,
    [
      { seq: 1, time: 0, kind: 'started', attempt: 1, pid: 1, step: 0, threads: 1 },
      metrics(2, 1, 1),
      metrics(3, 1 + 2 * (first - 1), first),
      // What is opened between them is of neither.
      metrics(4, 100, first + 1),
    ],
    1,
  )
  const row = () => createRunsStore(database).row(id) ?? expect.fail('no row')
  expect(row().firstPace).toBe(2)
  expect(secondsPerStep(row())).toBeNull()
  ingestion.take(id, [metrics(5, 130, first + 4)], 2)
  expect([row().firstPace, secondsPerStep(row())]).toEqual([2, 10])
  // One that goes on in the later stage has that one's pace alone.
  ingestion.take(id, [{ seq: 6, time: 200_000, kind: 'started', attempt: 2, pid: 1, step: first + 4, threads: 1 }], 3)
  ingestion.take(id, [metrics(7, 300, first + 5), metrics(8, 305, first + 6)], 4)
  expect([row().firstPace, secondsPerStep(row())]).toEqual([2, 5])
  ingestion.forget(id)
  expect(row().firstPace).toBeNull()
  database.close()
})

it('tells the time that is left by the stage that a run is in', () => {
  const { database, id, first, later } = withStages()
  const ingestion = createIngestion(database)
  const take = (seq: number, seconds: number, step: number) =>
    ingestion.take(id, [{ seq, time: 1000 * seconds, step, kind: 'metrics', values: { 'speed.images': 7 } }], seq)
  const summary = () => createRunsStore(database, () => 3).summaries()[0] ?? expect.fail('no run')
  take(1, 0, 1)
  expect(summary()).toMatchObject({ secondsLeft: null, imagesPerSecond: 7 })
  take(2, 4, 3)
  expect(summary().secondsLeft).toBe(2 * (first - 3 + 3 * later))
  take(3, 50, first + 1)
  take(4, 60, first + 3)
  expect(summary()).toMatchObject({ secondsLeft: 5 * (later - 3), imagesPerSecond: null })
  database.close()
})

it('forgets what it took in, to read it anew', () => {
  const { database, id } = withRun()
  const before = dump(database)
  const ingestion = createIngestion(database)
  ingestion.take(id, life([{ resumeAt: 0, until: 4 }]), 700)
  expect(ingestion.offset(id)).toBe(700)
  ingestion.forget(id)
  expect(dump(database)).toEqual(before)
  database.close()
})

it('keeps every spike, the first and the last point, within the number of points asked for', () => {
  const { database, id } = withRun()
  const steps = 3000
  const spikes = new Map([
    [777, 50],
    [2222, -50],
  ])
  const events = Array.from({ length: steps }, (_, index): RunEvent => {
    const step = index + 1
    return { seq: step, time: step, kind: 'metrics', step, values: { loss: spikes.get(step) ?? Math.sin(step / 50) } }
  })
  createIngestion(database).take(id, events, 1)
  const series = createSeries(database)
  const { step, seconds, value, total } = series({ runId: id, name: 'loss', maxPoints: 100 })
  expect(total).toBe(steps)
  expect(step.length).toBeLessThanOrEqual(100)
  expect(step.length).toBeGreaterThan(60)
  expect([step[0], step.at(-1)]).toEqual([1, steps])
  expect([...spikes].every(([at, spike]) => value[step.indexOf(at)] === spike)).toBe(true)
  expect(step).toEqual([...step].sort((a, b) => a - b))
  expect(seconds[0]).toBe(0)
  const zoomed = series({ runId: id, name: 'loss', maxPoints: 100, fromStep: 770, toStep: 790 })
  expect(zoomed.step).toEqual(Array.from({ length: 21 }, (_, i) => 770 + i))
  expect(series({ runId: id, name: 'unknown', maxPoints: 100 })).toMatchObject({ step: [], total: 0 })
  database.close()
})
