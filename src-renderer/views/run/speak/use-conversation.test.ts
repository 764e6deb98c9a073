import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { SpeechEvent } from '../../../../src-shared/contract/multimodal.ts'
import { api } from '../../../api/client.ts'
import { continuedFrom, type PicturePart } from './speech.ts'
import { firstFields, readFields } from './speech-fields.ts'
import { ask, chooseAnswer, continuePicture, conversationOf, stopAnswer, takeBack } from './use-conversation.ts'

const RUN = 'run'
const say = vi.hoisted(() => vi.fn())
vi.mock('../../../api/client.ts', () => ({ api: { multimodal: { say } } }))
const asked = () => vi.mocked(api.multimodal.say).mock.calls.map(([request]) => request)

const settings = readFields(firstFields(16)).settings as NonNullable<ReturnType<typeof readFields>['settings']>
const question = (text: string, paints = false, follows = false) => ({
  question: text,
  pictures: [],
  settings,
  paints,
  follows,
})
const code = (at: number, value: number): SpeechEvent => ({
  kind: 'code',
  answer: 0,
  at,
  code: value,
  probability: 0.5,
  alternatives: [{ code: 8, probability: 0.25 }],
})
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const until = (signal: AbortSignal) =>
  new Promise((_, reject) => {
    const end = () => reject(signal.reason as Error)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  })
const turns = () => conversationOf(RUN).turns
const settled = async () => {
  while (conversationOf(RUN).answering !== null) await pause(5)
}
/** Lets the model say this to the next question; it goes on for ever without an end. */
function says(...events: (SpeechEvent | Error | 'for ever')[]) {
  say.mockImplementationOnce(async function* (_: unknown, { signal }: { signal: AbortSignal }) {
    for (const event of events) {
      if (event instanceof Error) throw event
      if (event === 'for ever') await until(signal)
      else yield event
    }
  })
}
const text = (said: string): SpeechEvent => ({ kind: 'text', answer: 0, text: said })
const end: SpeechEvent = { kind: 'end', answer: 0, reason: 'closed', seconds: 1 }

beforeEach(() => say.mockReset())
afterEach(() => {
  for (const { key } of turns()) takeBack(RUN, key)
})

it('asks after what was said before, with the chosen answer', async () => {
  says({ ...text('no'), answer: 1 }, text('yes'), end)
  ask(RUN, question('is it red?'), 2)
  await settled()
  chooseAnswer(RUN, turns()[0]?.key as number, 1)
  says(text('blue'), end)
  ask(RUN, question('what then?', false, true), 1)
  await settled()
  expect(asked()[1]?.prompt.before).toEqual([{ question: 'is it red?', answer: 'no' }])
  expect(turns()[1]?.answers[0]?.parts).toEqual([{ kind: 'text', text: 'blue' }])
  says(end)
  ask(RUN, question('and anew?'), 1)
  await settled()
  expect(asked()[2]?.prompt.before).toEqual([])
})

it('paints on from a code as one more answer, and leaves the others', async () => {
  says({ kind: 'picture', answer: 0 }, code(0, 4), code(1, 5), end)
  ask(RUN, question('paint', true), 1)
  await settled()
  const [turn] = turns()
  const picture = turn?.answers[0]?.parts[0] as PicturePart
  says({ kind: 'picture', answer: 0 }, end)
  continuePicture(
    RUN,
    turn as NonNullable<typeof turn>,
    { answer: 0, place: 1, settings },
    continuedFrom(picture, 1, 8),
  )
  await settled()
  expect(asked()[1]).toMatchObject({ answers: 1, paint: { first: [4, 8] } })
  const painted = turns()[0]?.answers.map(({ parts }) => (parts[0] as PicturePart).painted.map((one) => one?.code))
  expect(painted).toEqual([
    [4, 5],
    [4, 8],
  ])
  expect(turns()[0]?.answers[1]?.end).not.toBeNull()
})

it('keeps what was said when it is stopped, without an error', async () => {
  says(text('a long'), 'for ever')
  ask(RUN, question('tell me'), 1)
  await pause(20)
  stopAnswer(RUN)
  await settled()
  expect(turns()[0]).toMatchObject({ stopped: true, error: null })
  expect(turns()[0]?.answers[0]).toEqual({ parts: [{ kind: 'text', text: 'a long' }], end: null })
})

it('shows what went wrong, with what was said before it', async () => {
  says(text('half'), new Error('the model is gone'))
  ask(RUN, question('tell me'), 1)
  await settled()
  expect(turns()[0]?.error).toEqual(new Error('the model is gone'))
  expect(turns()[0]?.answers[0]?.parts).toHaveLength(1)
})

it('takes back a question with those that knew it', async () => {
  says(text('1'), end)
  ask(RUN, question('one'), 1)
  await settled()
  says(text('2'), 'for ever')
  ask(RUN, question('two', false, true), 1)
  takeBack(RUN, turns()[0]?.key as number)
  await settled()
  expect(turns()).toEqual([])
})
