import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createChanges } from './changes.ts'

it('gathers changes into batches, at most ten a second, each change once', async () => {
  const changes = createChanges()
  const listening = changes.listen()
  const first = listening.next()
  await setTimeout(1)
  const start = performance.now()
  changes.emit({ topic: 'run', id: 'a' })
  expect((await first).value).toEqual([{ topic: 'run', id: 'a' }])
  for (let i = 0; i < 50; i++) changes.emit({ topic: 'run', id: i % 2 ? 'a' : 'b' })
  expect((await listening.next()).value).toEqual([
    { topic: 'run', id: 'b' },
    { topic: 'run', id: 'a' },
  ])
  expect(performance.now() - start).toBeGreaterThan(90)
  changes.close()
})

it('ends with its signal and when the app closes', async () => {
  const changes = createChanges()
  const controller = new AbortController()
  const aborted = changes.listen(controller.signal).next()
  const closed = changes.listen().next()
  await setTimeout(1)
  controller.abort()
  expect((await aborted).done).toBe(true)
  changes.close()
  expect((await closed).done).toBe(true)
})
