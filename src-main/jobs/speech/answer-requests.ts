import { z } from 'zod'
import { askedOfModel } from '../../../src-shared/contract/multimodal.ts'
import { type AnswerMessage, requestMessageSchema } from './messages.ts'
import { ModelError } from './model-error.ts'
import { isModelProcedure, type ModelHandlers } from './procedures.ts'

/** The way to whom the answers go. */
export interface Channel {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
}

/** Answers what comes over a channel, each request by itself; a request that is cancelled is answered no more. */
export function answerRequests(channel: Channel, handlers: ModelHandlers): void {
  const open = new Map<number, AbortController>()
  const send = (message: AnswerMessage) => {
    if (open.has(message.id)) channel.send(message)
  }
  channel.onMessage((message) => {
    const parsed = requestMessageSchema.safeParse(message)
    if (!parsed.success) {
      // It has no number that could be answered.
      console.error(`a message that is no request: ${z.prettifyError(parsed.error)}`)
      return
    }
    const { data: request } = parsed
    const { id } = request
    if (request.kind === 'cancel') {
      open.get(id)?.abort()
      open.delete(id)
      return
    }
    const abort = new AbortController()
    open.set(id, abort)
    answer(handlers, request, abort.signal, (value) => send({ kind: 'part', id, value }))
      .then(
        (value) => send({ kind: 'end', id, value }),
        (error: unknown) => send({ kind: 'error', id, ...wordsOf(error) }),
      )
      .finally(() => open.delete(id))
  })
}

async function answer(
  handlers: ModelHandlers,
  { name, input }: { name: string; input?: unknown },
  signal: AbortSignal,
  part: (value: unknown) => void,
): Promise<unknown> {
  if (!isModelProcedure(name)) throw new Error(`a model cannot be asked to "${name}"`)
  const asked = askedOfModel[name].safeParse(input)
  if (!asked.success) throw new ModelError('bad-request', z.prettifyError(asked.error), 'Correct it and ask again.')
  const handler = handlers[name] as (asked: unknown, how: unknown) => Promise<unknown>
  return handler(asked.data, { signal, part })
}

function wordsOf(error: unknown): Pick<Extract<AnswerMessage, { kind: 'error' }>, 'code' | 'message' | 'hint'> {
  if (error instanceof ModelError) return { code: error.code, message: error.message, hint: error.hint }
  // The whole of what nobody expected stays in the process's log.
  console.error(error instanceof Error ? error.stack : error)
  return { code: null, message: error instanceof Error ? error.message : String(error), hint: '' }
}
