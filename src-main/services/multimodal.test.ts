import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import type { ModelAbilities, SpeechEvent } from '../../src-shared/contract/multimodal.ts'
import { type FakeJob, type FakeTalkingJob, fakeExecutor, recordLife } from '../../test/fakes/fake-executor.ts'
import { smallConfig } from '../../test/fakes/small-config.ts'
import { temporaryFolder } from '../../test/fakes/temporary-folder.ts'
import { createWorkbench, type Workbench } from './workbench.ts'

const open: Workbench[] = []
afterEach(async () => {
  for (const workbench of open.splice(0)) await workbench.close()
})

const abilities: ModelAbilities = {
  step: 3,
  paradigm: 'unified',
  input: 'aggregated',
  cannotRead: null,
  cannotPaint: null,
  resolution: 64,
  sides: [4, 8],
  context: 128,
  tasks: ['paint'],
  unconditionalRequest: 'paint a picture .',
  prior: null,
}

interface Request {
  kind: string
  id: number
  name: string
}

/** A run with a checkpoint, unless told otherwise, and a process of its model that the test plays. */
async function opened({
  steps = 5,
  checkpoint = true,
  answer = () => {},
}: {
  steps?: number
  checkpoint?: boolean
  answer?: (job: FakeTalkingJob, request: Request) => void
}) {
  const train = (job: FakeJob): void => {
    job.record((recorder) => {
      if (checkpoint) recorder.checkpoint(3, { x: { dtype: 'F32', shape: [1], data: new Float32Array(1) } }, {})
      recordLife(recorder, { steps: 3 })
    })
    job.exit({ code: 0 })
  }
  const executor = fakeExecutor(train, (job, message) => answer(job, message as Request))
  const home = join(temporaryFolder(), 'home')
  const workbench = await createWorkbench({ home, concurrency: 1, executor })
  open.push(workbench)
  const { client } = workbench
  const config = smallConfig()
  const { id } = await client.runs.create({ config: { ...config, multimodal: { ...config.multimodal, steps } } })
  for (let tries = 0; (await client.runs.get({ id })).state !== 'finished' && tries < 200; tries++) await setTimeout(10)
  return { id, client, executor, home }
}

it('asks the model of a run in its process, with files as Blobs', async () => {
  const { id, client, executor, home } = await opened({
    answer: (job, { id, name }) => {
      if (name === 'abilities') job.say({ kind: 'end', id, value: abilities })
      if (name === 'decode') job.say({ kind: 'end', id, value: Uint8Array.of(1, 2, 3) })
    },
  })
  expect(await client.multimodal.abilities({ id })).toEqual(abilities)
  const blob = await client.multimodal.decode({ id, codes: [[1]] })
  expect([...new Uint8Array(await blob.arrayBuffer())]).toEqual([1, 2, 3])
  expect(executor.talking[0]?.order.arguments.slice(0, 2)).toEqual([join(home, 'runs', id), join(home, 'cache')])
  expect(executor.talking[0]?.received).toMatchObject([
    { name: 'abilities', input: {} },
    { name: 'decode', input: { codes: [[1]] } },
  ])
})

it('streams what a model says, and cancels it when the window goes', async () => {
  const event: SpeechEvent = { kind: 'text', answer: 0, text: 'an apple' }
  const { id, client, executor } = await opened({
    answer: (job, { kind, id }) => {
      if (kind === 'request') job.say({ kind: 'part', id, value: event })
    },
  })
  const plain = { temperature: 0, topK: null, topP: null }
  const heard = await client.multimodal.say({
    id,
    prompt: { before: [], question: 'what is this?', pictures: [] },
    settings: { text: plain, codes: plain, guidance: 1, seed: 0, newTokens: 5 },
    answers: 1,
    paint: null,
  })
  for await (const each of heard) {
    expect(each).toEqual(event)
    break
  }
  await setTimeout(5)
  expect(executor.talking[0]?.received.at(-1)).toMatchObject({ kind: 'cancel' })
})

it('says of runs that have no model why, and what to do', async () => {
  const alone = await opened({ steps: 0 })
  await expect(alone.client.multimodal.abilities({ id: alone.id })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('has no Stage II'),
    data: { hint: expect.stringContaining('multimodal.steps') },
  })
  const early = await opened({ checkpoint: false })
  await expect(early.client.multimodal.encode({ id: early.id, picture: 0 })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('has no checkpoint yet'),
  })
  await expect(early.client.multimodal.abilities({ id: 'gone' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect([alone.executor.talking, early.executor.talking]).toEqual([[], []])
})

it('gives the errors of the process their codes', async () => {
  const { id, client, executor } = await opened({
    answer: (job, { id, name }) => {
      if (name === 'encode') job.say({ kind: 'error', id, code: 'bad-request', message: 'no picture 9', hint: 'Less.' })
    },
  })
  await expect(client.multimodal.encode({ id, picture: 9 })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: `run ${id}: no picture 9`,
    data: { hint: 'Less.' },
  })
  const asked = client.multimodal.abilities({ id })
  await setTimeout(5)
  executor.talking[0]?.exit({ signal: 'SIGKILL' })
  await expect(asked).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('ended by SIGKILL') })
})
