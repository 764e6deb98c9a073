import { create } from 'zustand'
import type { Prompt, SpeechEvent, SpeechSettings } from '../../../../src-shared/contract/multimodal.ts'
import { api } from '../../../api/client.ts'
import type { RunPicture } from '../../../api/multimodal-queries.ts'
import { type Asked, lastThread, promptAfter, withoutThread } from './conversation.ts'
import { type Answer, emptyAnswers, type PaintedCode, withEvents } from './speech.ts'

/** Milliseconds between two redraws while a model answers. */
const REDRAW_MS = 100

/** A place of a picture that an answer goes on from, and how it was drawn from there. */
export interface Origin {
  answer: number
  place: number
  settings: SpeechSettings
}

/** A question with its answers side by side. */
export interface Turn {
  key: number
  question: string
  pictures: readonly RunPicture[]
  prompt: Prompt
  settings: SpeechSettings
  paints: boolean
  /** Asked knowing what was said before. */
  follows: boolean
  answers: Answer[]
  /** Where each answer began, if it goes on from another one's picture. */
  origins: (Origin | null)[]
  /** The answer that the conversation goes on from. */
  chosen: number
  /** What ended it before all answers were there. */
  error: unknown
  stopped: boolean
}

interface Conversation {
  turns: readonly Turn[]
  /** Key of the turn that is being answered. */
  answering: number | null
}
const EMPTY: Conversation = { turns: [], answering: null }

/** Conversations by run. They stay while the window is open, wherever one goes meanwhile. */
const useConversations = create<{ byRun: Readonly<Record<string, Conversation>> }>(() => ({ byRun: {} }))
const streams = new Map<string, AbortController>()
let keys = 0

export const useConversation = (runId: string): Conversation => useConversations(({ byRun }) => byRun[runId] ?? EMPTY)

/** The conversation with a run's model as it is now. */
export const conversationOf = (runId: string): Conversation => useConversations.getState().byRun[runId] ?? EMPTY
const put = (runId: string, conversation: Conversation) =>
  useConversations.setState(({ byRun }) => ({ byRun: { ...byRun, [runId]: conversation } }))
const change = (runId: string, key: number, with_: (turn: Turn) => Partial<Turn>) => {
  const { turns, answering } = conversationOf(runId)
  put(runId, { answering, turns: turns.map((turn) => (turn.key === key ? { ...turn, ...with_(turn) } : turn)) })
}

/** Asks the run's model, anew or after what was said before. */
export function ask(
  runId: string,
  asked: Pick<Turn, 'question' | 'pictures' | 'settings' | 'paints' | 'follows'>,
  answers: number,
): void {
  const { turns } = conversationOf(runId)
  const key = ++keys
  const before = (asked.follows ? lastThread(turns) : []).map(
    (turn): Asked => ({
      question: turn.question,
      pictures: turn.pictures.map(({ picture }) => ({ kind: 'picture', picture })),
      answer: turn.answers[turn.chosen] as Answer,
    }),
  )
  const prompt = promptAfter(
    before,
    asked.question,
    asked.pictures.map(({ picture }) => ({ kind: 'picture', picture })),
  )
  const turn: Turn = {
    ...asked,
    key,
    prompt,
    answers: emptyAnswers(answers),
    origins: new Array<null>(answers).fill(null),
    chosen: 0,
    error: null,
    stopped: false,
  }
  put(runId, { turns: [...turns, turn], answering: key })
  void follow(runId, turn, { answers, offset: 0, first: [] })
}

/** Paints on from given codes, as one more answer beside the others. */
export function continuePicture(runId: string, turn: Turn, origin: Origin, first: readonly PaintedCode[]): void {
  const offset = turn.answers.length
  put(runId, { ...conversationOf(runId), answering: turn.key })
  change(runId, turn.key, ({ answers, origins }) => ({
    answers: [...answers, ...emptyAnswers(1, first)],
    origins: [...origins, origin],
    error: null,
    stopped: false,
  }))
  void follow(
    runId,
    { ...turn, settings: origin.settings, paints: true },
    { answers: 1, offset, first: first.map(({ code }) => code) },
  )
}

/** Follows what the model says, and redraws it ten times a second at most. */
async function follow(
  runId: string,
  { key, prompt, settings, paints }: Turn,
  { answers, offset, first }: { answers: number; offset: number; first: number[] },
): Promise<void> {
  const ended = new AbortController()
  streams.get(runId)?.abort()
  streams.set(runId, ended)
  let waiting: SpeechEvent[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const redraw = () => {
    timer = undefined
    const events = waiting
    waiting = []
    if (events.length > 0) change(runId, key, (turn) => ({ answers: withEvents(turn.answers, events) }))
  }
  try {
    const events = await api.multimodal.say(
      { id: runId, prompt, settings, answers, paint: paints ? { first } : null },
      { signal: ended.signal },
    )
    for await (const event of events) {
      waiting.push({ ...event, answer: event.answer + offset })
      timer ??= setTimeout(redraw, REDRAW_MS)
    }
  } catch (error) {
    if (!ended.signal.aborted) change(runId, key, () => ({ error }))
  } finally {
    clearTimeout(timer)
    redraw()
    if (streams.get(runId) === ended) {
      streams.delete(runId)
      put(runId, { ...conversationOf(runId), answering: null })
    }
  }
}

/** Ends the answer that is being given; what is there stays. */
export function stopAnswer(runId: string): void {
  const { answering } = conversationOf(runId)
  if (answering !== null) change(runId, answering, () => ({ stopped: true }))
  streams.get(runId)?.abort()
}

/** Takes the answer that the conversation goes on from. */
export const chooseAnswer = (runId: string, key: number, chosen: number): void => change(runId, key, () => ({ chosen }))

/** Takes a question out, with those after it that were asked knowing it. */
export function takeBack(runId: string, key: number): void {
  const { turns, answering } = conversationOf(runId)
  const at = turns.findIndex((turn) => turn.key === key)
  if (at < 0) return
  const left = withoutThread(turns, at)
  if (!left.some((turn) => turn.key === answering)) stopAnswer(runId)
  put(runId, { ...conversationOf(runId), turns: left })
}
