import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { smallConfig } from '../../test/fakes/small-config.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { openEventsWriter } from '../jobs/events-file.ts'
import { openDatabase } from '../store/database.ts'
import { createIngestion } from '../store/ingestion.ts'
import { createRunsStore } from '../store/runs-store.ts'
import { createIngester } from './ingester.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end()
})

function stage(...ids: string[]) {
  const folder = temporaryFolder()
  const database = openDatabase(join(folder, 'workbench.sqlite'))
  const runs = createRunsStore(database)
  for (const id of ids) {
    mkdirSync(join(folder, id))
    runs.insert([{ id, config: smallConfig(), createdAt: 0, parentId: null, cell: null }], 'running')
  }
  const news: string[] = []
  const log: string[] = []
  const ingester = createIngester(
    folder,
    createIngestion(database),
    (id) => news.push(id),
    (line) => log.push(line),
  )
  ends.push(() => database.close(), ingester.close)
  const losses = (id: string) =>
    database.sqlite
      .prepare('SELECT value FROM metrics JOIN runs ON runs.key = run_key WHERE id = ? ORDER BY metrics.step')
      .pluck()
      .all(id)
  const append = (id: string, from: number, to: number) => {
    const writer = openEventsWriter(join(folder, id, 'events.ndjson'))
    for (let step = from; step <= to; step++) writer.append({ kind: 'metrics', step, values: { loss: step } })
    writer.close()
  }
  return { folder, ingester, news, log, losses, append, file: (id: string) => join(folder, id, 'events.ndjson') }
}

it('follows runs while they write, and tells only of news', async () => {
  const { ingester, news, losses, append } = stage('a', 'b')
  ingester.follow('a')
  append('a', 1, 2)
  append('b', 1, 1)
  await setTimeout(400)
  expect(losses('a')).toEqual([1, 2])
  expect(losses('b')).toEqual([])
  await setTimeout(400)
  expect(news).toEqual(['a'])
  ingester.unfollow('a')
  append('a', 3, 3)
  expect(ingester.catchUp('a')).toBe(true)
  expect(losses('a')).toEqual([1, 2, 3])
  expect(ingester.catchUp('a')).toBe(false)
})

it('reads a file anew that is shorter than what was read of it', () => {
  const { ingester, losses, append, file } = stage('a')
  append('a', 1, 5)
  ingester.catchUp('a')
  writeFileSync(file('a'), `${readFileSync(file('a'), 'utf8').split('\n').slice(0, 2).join('\n')}\n`)
  ingester.catchUp('a')
  expect(losses('a')).toEqual([1, 2])
})

it('skips a damaged line with a word in the log, and one run’s trouble does not touch another', () => {
  const { ingester, log, losses, append, file } = stage('a', 'b')
  append('a', 1, 1)
  appendFileSync(file('a'), 'garbage\n{"seq":2,"time":5,"kind":"metrics","step":2,"values":{"loss":2}}\n')
  expect(ingester.catchUp('a')).toBe(true)
  expect(losses('a')).toEqual([1, 2])
  expect(log).toEqual([expect.stringMatching(/run a: events\.ndjson, byte \d+: not JSON: "garbage"; skipped/)])
  expect(ingester.catchUp('unknown')).toBe(false)
  mkdirSync(file('b'))
  expect(ingester.catchUp('b')).toBe(false)
  ingester.catchUp('b')
  expect(log.filter((line) => line.startsWith('run b'))).toHaveLength(1)
})
