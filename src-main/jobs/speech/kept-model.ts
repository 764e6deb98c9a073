import { DataError } from '../../data/source.ts'
import { ChatTemplateError } from '../../language/chat-layout.ts'
import { DialogueError } from '../../multimodal/sequence.ts'
import { SpeakerError } from '../../training/stage-two/speaker.ts'
import { ModelError } from './model-error.ts'
import { newestStep } from './open-run-model.ts'
import type { ModelHandlers } from './procedures.ts'

/** A model of a run that is opened when it is first asked and kept. */
export interface KeptModel<Model> {
  open(): Promise<Model>
  /** The same of the newest checkpoint: a run that trains on writes newer ones. It is looked for where the model is asked what it can do. */
  newest(): Promise<Model>
  /** Asks the model after what was asked before; pictures and their codes need not wait for it. */
  inTurn<T>(use: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /** The handlers with requests counted, and with errors in the words of people who can do something about them. */
  answering(handlers: ModelHandlers): ModelHandlers
}

export function keepModel<Model extends { close(): Promise<void> }>(
  directory: string,
  openModel: () => Promise<Model>,
): KeptModel<Model> {
  let opening: Promise<Model> | null = null
  /** Step of the newest checkpoint when it was opened; the model is of an older one if that cannot be read. */
  let lookedAt: number | null = null
  /** Requests under way. */
  let under = 0
  let last: Promise<unknown> = Promise.resolve()
  const open = (): Promise<Model> => {
    if (opening === null) {
      lookedAt = newestStep(directory)
      opening = openModel().catch((error: unknown) => {
        // What was missing may be there the next time.
        opening = null
        throw error
      })
    }
    return opening
  }
  const answered =
    (handler: Handler): Handler =>
    async (asked, how) => {
      under++
      try {
        return await handler(asked, how)
      } catch (error) {
        throw explained(error)
      } finally {
        under--
      }
    }
  return {
    open,
    async newest() {
      const model = await open()
      const isInUse = under > 1
      if (isInUse || newestStep(directory) === lookedAt) return model
      opening = null
      await model.close()
      return open()
    },
    inTurn(use, signal) {
      const turn = last.then(() => {
        signal?.throwIfAborted()
        return use()
      })
      last = turn.catch(() => {})
      return turn
    },
    answering(handlers) {
      const each = Object.entries(handlers as unknown as Record<string, Handler>)
      return Object.fromEntries(each.map(([name, handler]) => [name, answered(handler)])) as unknown as ModelHandlers
    },
  }
}

type Handler = (asked: unknown, how: unknown) => Promise<unknown>

/** What people can do something about, in their words; all else as it is. */
function explained(error: unknown): unknown {
  if (error instanceof SpeakerError)
    return new ModelError('conflict', error.message, 'Ask it something that it can answer, or choose another run.')
  if (error instanceof DialogueError || error instanceof ChatTemplateError || error instanceof RangeError)
    return new ModelError('bad-request', error.message, 'Change the prompt and ask again.', { cause: error })
  if (error instanceof DataError)
    return new ModelError('unreadable', error.message, 'Put the file back where the config of the run says.')
  return error
}
