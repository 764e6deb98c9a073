import { z } from 'zod'
import type { AskedOfModel, SpeechEvent } from '../../../src-shared/contract/multimodal.ts'
import type { JobExit, TalkingJob } from '../executor.ts'
import { type AnswerMessage, answerMessageSchema, type RequestMessage } from './messages.ts'
import { ModelError } from './model-error.ts'
import { type AnswerOfModel, answersOfModel, type ModelProcedure, partsOfAnswers } from './procedures.ts'

/** The app's end of the messages with one process. */
export interface Conversation {
  /**
   * @param onPart told of what comes before the end
   * @throws ModelError as the process says, or if it is gone; Error for what nobody expected; the signal's reason
   */
  ask<Name extends ModelProcedure>(
    name: Name,
    input: AskedOfModel[Name],
    options?: { signal?: AbortSignal | undefined; onPart?: (event: SpeechEvent) => void },
  ): Promise<AnswerOfModel<Name>>
  /** Requests that wait for an answer. */
  waiting(): number
  /** Fails what waits, and all that is asked from now on. */
  end(error: ModelError): void
}

interface Waiting {
  answer(message: AnswerMessage): void
  fail(error: unknown): void
}

/** @param goneError what is said to those who wait when the process ends */
export function converseWith(job: TalkingJob, goneError: (exit: JobExit) => ModelError): Conversation {
  const waiting = new Map<number, Waiting>()
  let last = 0
  let ended: ModelError | null = null

  const end = (error: ModelError): void => {
    ended ??= error
    for (const { fail } of waiting.values()) fail(ended)
    waiting.clear()
  }
  job.exited.then((exit) => end(goneError(exit)))
  job.onMessage((message) => {
    const parsed = answerMessageSchema.safeParse(message)
    if (parsed.success) waiting.get(parsed.data.id)?.answer(parsed.data)
    else {
      end(new ModelError('ended', `the model's process sent what is no answer: ${parsed.error.message}`, 'Ask again.'))
      job.kill()
    }
  })

  return {
    waiting: () => waiting.size,
    end,
    ask: (name, input, { signal, onPart = () => {} } = {}) => {
      const id = ++last
      return new Promise<AnswerOfModel<typeof name>>((resolve, reject) => {
        if (ended) return reject(ended)
        if (signal?.aborted) return reject(signal.reason)
        const cancel = () => {
          job.send({ kind: 'cancel', id } satisfies RequestMessage)
          close()
          reject(signal?.reason)
        }
        const close = () => {
          waiting.delete(id)
          signal?.removeEventListener('abort', cancel)
        }
        const fail = (error: unknown) => {
          close()
          reject(error)
        }
        const answer = (message: AnswerMessage) => {
          if (message.kind === 'part') onPart(checked(partsOfAnswers.say, message.value, name))
          else if (message.kind === 'error') fail(errorOf(message))
          else {
            close()
            resolve(checked(answersOfModel[name] as z.ZodType<AnswerOfModel<typeof name>>, message.value, name))
          }
        }
        waiting.set(id, {
          fail,
          answer: (message) => {
            try {
              answer(message)
            } catch (error) {
              fail(error)
            }
          },
        })
        signal?.addEventListener('abort', cancel, { once: true })
        job.send({ kind: 'request', id, name, input } satisfies RequestMessage)
      })
    },
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new Error(`the model's process answered "${name}" wrongly: ${z.prettifyError(result.error)}`)
}

const errorOf = ({ code, message, hint }: Extract<AnswerMessage, { kind: 'error' }>): Error =>
  code === null ? new Error(message) : new ModelError(code, message, hint)
