import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { lastEvent, openEventsWriter, readEvents } from './events-file.ts'

const metrics = (step: number) => ({ kind: 'metrics', step, values: { a: step / 3 } }) as const

function writeSome(path: string, count: number): void {
  const writer = openEventsWriter(path)
  for (let step = 1; step <= count; step++) writer.append(metrics(step))
  writer.close()
}

it('counts seq from 1 without gaps over several openings', () => {
  const path = join(temporaryFolder(), 'events.ndjson')
  writeSome(path, 3)
  writeSome(path, 2)
  expect(readEvents(path).events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
  expect(lastEvent(path)).toMatchObject({ seq: 5, step: 2 })
})

it('counts the attempts of the whole life', () => {
  const path = join(temporaryFolder(), 'events.ndjson')
  const first = openEventsWriter(path)
  first.append({ kind: 'started', attempt: 1, pid: 1, step: 0, threads: 1 })
  first.close()
  const second = openEventsWriter(path)
  expect(second.attempts()).toBe(1)
  second.append({ kind: 'started', attempt: 2, pid: 1, step: 0, threads: 1 })
  expect(second.attempts()).toBe(2)
  second.close()
})

it('keeps exactly the whole lines, wherever a death has torn the file', () => {
  const folder = temporaryFolder()
  const whole = join(folder, 'whole.ndjson')
  writeSome(whole, 6)
  const bytes = readFileSync(whole)
  fc.assert(
    fc.property(fc.nat({ max: bytes.length }), (length) => {
      const path = join(folder, 'torn.ndjson')
      writeFileSync(path, bytes.subarray(0, length))
      const kept = bytes.subarray(0, length).toString().split('\n').length - 1
      expect(readEvents(path).events).toHaveLength(kept)
      const writer = openEventsWriter(path)
      expect(writer.append(metrics(99))).toBe(kept + 1)
      writer.close()
      const after = readEvents(path)
      expect(after.damaged).toEqual([])
      expect(after.events.map(({ seq }) => seq)).toEqual(Array.from({ length: kept + 1 }, (_, i) => i + 1))
    }),
    { numRuns: 60 },
  )
})

it('leaves a line that is still being written for the next reading', () => {
  const path = join(temporaryFolder(), 'events.ndjson')
  writeSome(path, 2)
  const first = readEvents(path)
  appendFileSync(path, '{"seq":3,"time":1,"kind":"metrics",')
  expect(readEvents(path, { from: first.offset })).toEqual({ events: [], offset: first.offset, damaged: [] })
  appendFileSync(path, '"step":3,"values":{}}\n')
  expect(readEvents(path, { from: first.offset }).events).toMatchObject([{ seq: 3 }])
})

it('reads in batches that together are the whole', () => {
  const path = join(temporaryFolder(), 'events.ndjson')
  const writer = openEventsWriter(path)
  const message = 'x'.repeat(700_000)
  for (let i = 0; i < 5; i++) writer.append({ kind: 'log', level: 'info', message })
  writer.close()
  const seqs: number[] = []
  let readings = 0
  for (let from = 0; ; readings++) {
    const read = readEvents(path, { from, maxBytes: 1_000_000 })
    if (read.offset === from) break
    seqs.push(...read.events.map(({ seq }) => seq))
    from = read.offset
  }
  expect(seqs).toEqual([1, 2, 3, 4, 5])
  expect(readings).toBeGreaterThan(1)
})

it('sets damaged whole lines aside, says so in the log and goes on behind the last good one', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'events.ndjson')
  writeSome(path, 2)
  appendFileSync(path, `${'\0'.repeat(40)}\n{"seq":4,"time":1,"kind":"metrics","step":4,"values":{}}\n`)
  expect(readEvents(path).damaged).toHaveLength(1)
  writeSome(path, 1)
  const { events, damaged } = readEvents(path)
  expect(damaged).toEqual([])
  expect(events.map(({ seq, kind }) => `${seq} ${kind}`)).toEqual(['1 metrics', '2 metrics', '3 log', '4 metrics'])
  const aside = readdirSync(folder).find((name) => name.startsWith('events.damaged')) as string
  expect(readFileSync(join(folder, aside), 'utf8')).toContain('"step":4')
})

it('finds the last event of a long file, and none in a file without one', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'events.ndjson')
  const writer = openEventsWriter(path)
  writer.append(metrics(1))
  writer.append({ kind: 'log', level: 'info', message: 'y'.repeat(100_000) })
  writer.close()
  expect(lastEvent(path)).toMatchObject({ seq: 2 })
  truncateSync(path, 20_000)
  expect(lastEvent(path)).toMatchObject({ seq: 1 })
  writeFileSync(path, 'half a li')
  expect(lastEvent(path)).toBeNull()
  expect(lastEvent(join(folder, 'missing'))).toBeNull()
})
