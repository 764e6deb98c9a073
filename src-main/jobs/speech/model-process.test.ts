import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { AskedOfModel, SpeechEvent } from '../../../src-shared/contract/multimodal.ts'
import { type FakeTalkingJob, fakeExecutor } from '../../../test/fakes/fake-executor.ts'
import { temporaryFolder } from '../../../test/fakes/temporary-folder.ts'
import { createModelProcess, type ModelProcessOptions } from './model-process.ts'

interface Request {
  kind: 'request' | 'cancel'
  id: number
  name: string
}

const nobody = (): void => {}
const encoded = (job: FakeTalkingJob, message: unknown): void => {
  const { kind, id } = message as Request
  if (kind === 'request') job.say({ kind: 'end', id, value: { codes: [[id]] } })
}

function started(
  onMessage: (job: FakeTalkingJob, message: unknown) => void,
  options: Partial<ModelProcessOptions> = {},
) {
  const executor = fakeExecutor(nobody, onMessage)
  const models = createModelProcess({
    executor,
    entry: 'speak.ts',
    cacheFolder: '/cache',
    log: join(temporaryFolder(), 'model.log'),
    threads: () => 3,
    ...options,
  })
  return { executor, models, job: (at = 0) => executor.talking[at] as FakeTalkingJob }
}

const wanted: AskedOfModel['say'] = {
  prompt: { before: [], question: 'draw.', pictures: [] },
  settings: {
    text: { temperature: 1, topK: null, topP: null },
    codes: { temperature: 1, topK: null, topP: null },
    guidance: 1,
    seed: 0,
    newTokens: 9,
  },
  answers: 1,
  paint: { first: [] },
}
const text = (words: string): SpeechEvent => ({ kind: 'text', answer: 0, text: words })

it('starts one process for a run, with its directory and threads, and keeps it', async () => {
  const { executor, models, job } = started(encoded)
  expect(await models.ask('/runs/a', 'encode', { picture: 1 })).toEqual({ codes: [[1]] })
  expect(await models.ask('/runs/a', 'encode', { picture: 1 })).toEqual({ codes: [[2]] })
  expect(executor.talking).toHaveLength(1)
  expect(job().order).toMatchObject({ entry: 'speak.ts', arguments: ['/runs/a', '/cache', '3'] })
})

it('ends the process of one run before that of another begins', async () => {
  const { executor, models, job } = started((process, message) => {
    if (process.order.arguments[0] === '/runs/b') encoded(process, message)
  })
  const waiting = expect(models.ask('/runs/a', 'encode', { picture: 1 })).rejects.toMatchObject({
    code: 'ended',
    message: 'the model of another run was asked for',
  })
  await setTimeout(1)
  await models.ask('/runs/b', 'encode', { picture: 1 })
  await waiting
  expect([executor.talking.length, job(0).killed, job(1).killed]).toEqual([2, true, false])
})

it('tells those who wait how the process ended, and starts anew for the next', async () => {
  let answers = false
  const { executor, models, job } = started((process, message) => {
    if (answers) encoded(process, message)
  })
  const waiting = models.ask('/runs/a', 'encode', { picture: 1 })
  await setTimeout(1)
  job().exit({ code: 7 })
  await expect(waiting).rejects.toMatchObject({
    code: 'ended',
    message: 'the process that ran the model ended with exit code 7',
    hint: expect.stringContaining('Ask again'),
  })
  answers = true
  await models.ask('/runs/a', 'encode', { picture: 1 })
  expect(executor.talking).toHaveLength(2)
})

it('ends a process that nobody has asked for long, and not one that answers', async () => {
  let slow: (() => void) | null = null
  const { models, job } = started(
    (process, message) => {
      if ((message as Request).name === 'decode') slow = () => encoded(process, message)
      else encoded(process, message)
    },
    { idle: 20 },
  )
  await models.ask('/runs/a', 'encode', { picture: 1 })
  const asked = models.ask('/runs/a', 'decode', { codes: [[1]] }).catch(nobody)
  await setTimeout(60)
  expect(job().killed).toBe(false)
  ;(slow as unknown as () => void)()
  await asked
  await setTimeout(60)
  expect(job().killed).toBe(true)
  expect(models.pid()).toBeNull()
})

it('hands on what is said as it comes, and cancels it when the reader goes', async () => {
  const { models, job } = started((process, message) => {
    const { kind, id } = message as Request
    if (kind === 'cancel') return
    process.say({ kind: 'part', id, value: text('a') })
    process.say({ kind: 'part', id, value: text('b') })
  })
  const heard: SpeechEvent[] = []
  for await (const event of models.say('/runs/a', wanted)) {
    heard.push(event)
    if (heard.length === 2) break
  }
  expect(heard).toEqual([text('a'), text('b')])
  expect(job().received).toEqual([
    { kind: 'request', id: 1, name: 'say', input: wanted },
    { kind: 'cancel', id: 1 },
  ])
})

it('cancels with the signal, whose reason the asker gets', async () => {
  const { models, job } = started(nobody)
  const abort = new AbortController()
  const asked = models.ask('/runs/a', 'encode', { picture: 1 }, abort.signal)
  await setTimeout(1)
  abort.abort(new Error('enough'))
  await expect(asked).rejects.toThrow('enough')
  expect(job().received.at(-1)).toEqual({ kind: 'cancel', id: 1 })
})

it('passes on errors with their hints, and says of wrong answers what is wrong with them', async () => {
  const { models } = started((process, message) => {
    const { id, name } = message as Request
    if (name === 'encode') process.say({ kind: 'error', id, code: 'conflict', message: 'no', hint: 'Wait.' })
    else process.say({ kind: 'end', id, value: { step: 'three' } })
  })
  await expect(models.ask('/runs/a', 'encode', { picture: 1 })).rejects.toMatchObject({
    code: 'conflict',
    message: 'no',
    hint: 'Wait.',
  })
  await expect(models.ask('/runs/a', 'abilities', {})).rejects.toThrow(/answered "abilities" wrongly:.*step/s)
})

it('ends a process that sends what is no answer', async () => {
  const { models, job } = started((process) => process.say({ kind: 'gossip' }))
  await expect(models.ask('/runs/a', 'encode', { picture: 1 })).rejects.toMatchObject({ code: 'ended' })
  expect(job().killed).toBe(true)
})

it('starts nothing once it is closed', async () => {
  const { executor, models, job } = started(encoded)
  await models.ask('/runs/a', 'encode', { picture: 1 })
  await models.close()
  expect(job().killed).toBe(true)
  await expect(models.ask('/runs/a', 'encode', { picture: 1 })).rejects.toMatchObject({ code: 'ended' })
  expect(executor.talking).toHaveLength(1)
})
