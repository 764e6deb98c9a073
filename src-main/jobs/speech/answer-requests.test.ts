import { setTimeout } from 'node:timers/promises'
import { beforeEach, expect, it, vi } from 'vitest'
import { answerRequests } from './answer-requests.ts'
import { ModelError } from './model-error.ts'
import type { ModelHandlers } from './procedures.ts'

let sent: unknown[]
let ask: (message: unknown) => void
function answering(handlers: Partial<ModelHandlers>): void {
  answerRequests(
    {
      send: (message) => void sent.push(message),
      onMessage: (listener) => {
        ask = listener
      },
    },
    handlers as ModelHandlers,
  )
}
beforeEach(() => {
  sent = []
})

it('answers each request under its number, parts first', async () => {
  answering({
    encode: async ({ picture }) => ({ codes: [[picture]] }),
    say: async (_, { part }) => {
      part({ kind: 'text', answer: 0, text: 'a' })
      return null
    },
  })
  ask({ kind: 'request', id: 4, name: 'encode', input: { picture: 9 } })
  await setTimeout(1)
  const prompt = { before: [], question: 'what?', pictures: [] }
  const greedy = { temperature: 0, topK: null, topP: null }
  const settings = { text: greedy, codes: greedy, guidance: 1, seed: 0, newTokens: 1 }
  ask({ kind: 'request', id: 5, name: 'say', input: { prompt, settings, answers: 1, paint: null } })
  await setTimeout(1)
  expect(sent).toEqual([
    { kind: 'end', id: 4, value: { codes: [[9]] } },
    { kind: 'part', id: 5, value: { kind: 'text', answer: 0, text: 'a' } },
    { kind: 'end', id: 5, value: null },
  ])
})

it('refuses what is no request of its kind, and goes on', async () => {
  vi.spyOn(console, 'error').mockReturnValue()
  answering({ encode: async () => ({ codes: [] }) })
  ask({ kind: 'gossip' })
  ask({ kind: 'request', id: 1, name: 'encode', input: { picture: -1 } })
  ask({ kind: 'request', id: 2, name: 'constructor', input: {} })
  ask({ kind: 'request', id: 3, name: 'encode', input: { picture: 0 } })
  await setTimeout(1)
  expect(sent).toEqual([
    {
      kind: 'error',
      id: 1,
      code: 'bad-request',
      message: expect.stringContaining('picture'),
      hint: expect.any(String),
    },
    { kind: 'error', id: 2, code: null, message: 'a model cannot be asked to "constructor"', hint: '' },
    { kind: 'end', id: 3, value: { codes: [] } },
  ])
})

it('tells errors in words, and keeps those that nobody expected in its log', async () => {
  const log = vi.spyOn(console, 'error').mockReturnValue()
  answering({
    encode: async () => {
      throw new ModelError('not-found', 'there is none', 'Take another.')
    },
    abilities: async () => {
      throw new Error('a bug')
    },
  })
  ask({ kind: 'request', id: 1, name: 'encode', input: { picture: 0 } })
  ask({ kind: 'request', id: 2, name: 'abilities', input: {} })
  await setTimeout(1)
  expect(sent).toEqual([
    { kind: 'error', id: 1, code: 'not-found', message: 'there is none', hint: 'Take another.' },
    { kind: 'error', id: 2, code: null, message: 'a bug', hint: '' },
  ])
  expect(log).toHaveBeenCalledOnce()
})

it('stops what is cancelled and says nothing more of it', async () => {
  let aborted = false
  answering({
    encode: async (_, { signal }) => {
      await setTimeout(5)
      aborted = signal.aborted
      return { codes: [] }
    },
  })
  ask({ kind: 'request', id: 1, name: 'encode', input: { picture: 0 } })
  ask({ kind: 'cancel', id: 1 })
  await setTimeout(10)
  expect([aborted, sent]).toEqual([true, []])
})
