import { writeFileSync } from 'node:fs'
import type { AskedOfModel, SpeechEvent } from '../../../src-shared/contract/multimodal.ts'
import { allowedEnvironment, type Executor, type JobExit, type TalkingJob } from '../executor.ts'
import { createMailbox } from '../mailbox.ts'
import { type Conversation, converseWith } from './conversation.ts'
import { ModelError } from './model-error.ts'
import type { AnswerOfModel, ModelProcedure } from './procedures.ts'

export interface ModelProcessOptions {
  executor: Executor
  /** The entry file of the process. */
  entry: string
  cacheFolder: string
  /** What the process says goes to this file, which each start begins anew. */
  log: string
  /** Threads of a process that starts now. */
  threads(): number
  /** A process that nobody has asked for so long is ended, ms. */
  idle?: number
}

/** Models of runs, in a process of their own: one at a time, for the sake of memory. */
export interface ModelProcess {
  /**
   * Asks the model of a run. Its process is started if it is not there; that of another run is ended first.
   * @param directory of the run, whose newest checkpoint is opened
   * @throws ModelError, Error, or the signal's reason
   */
  ask<Name extends ModelProcedure>(
    directory: string,
    name: Name,
    input: AskedOfModel[Name],
    signal?: AbortSignal,
  ): Promise<AnswerOfModel<Name>>
  /** The answers to a prompt as they come. Who stops reading cancels them. */
  say(directory: string, input: AskedOfModel['say'], signal?: AbortSignal): AsyncGenerator<SpeechEvent, void>
  /** Id of the process; null if there is none. */
  pid(): number | null
  /** Ends the process. */
  close(): Promise<void>
}

interface Running {
  directory: string
  job: TalkingJob
  conversation: Conversation
}

const FIVE_MINUTES = 300_000

export function createModelProcess(options: ModelProcessOptions): ModelProcess {
  const { executor, entry, cacheFolder, log, threads, idle = FIVE_MINUTES } = options
  let running: Running | null = null
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function start(directory: string): Running {
    writeFileSync(log, '', { mode: 0o600 })
    const job = executor.converse(
      { entry, arguments: [directory, cacheFolder, String(threads())], stdout: log, stderr: log },
      allowedEnvironment(process.env),
    )
    const started = { directory, job, conversation: converseWith(job, (exit) => goneError(exit, log)) }
    job.exited.then(() => {
      if (running === started) running = null
    })
    return started
  }

  async function end(error: ModelError): Promise<void> {
    const ending = running
    running = null
    clearTimeout(timer)
    if (!ending) return
    ending.conversation.end(error)
    // It writes nothing that is to be kept, so nothing is lost.
    ending.job.kill()
    await ending.job.exited
  }

  /** Starts of processes one after the other, so that two models are never in memory at once. */
  let turn: Promise<unknown> = Promise.resolve()
  const processOf = (directory: string): Promise<Running> => {
    const wanted = turn.then(async () => {
      if (closed) throw new ModelError('ended', 'the app is being closed', 'Open it again.')
      if (running && running.directory !== directory)
        await end(new ModelError('ended', 'the model of another run was asked for', 'Ask again to open this one.'))
      running ??= start(directory)
      return running
    })
    turn = wanted.catch(() => {})
    return wanted
  }

  const rest = (): void => {
    clearTimeout(timer)
    if (!running || running.conversation.waiting() > 0) return
    timer = setTimeout(() => {
      // In turn as well: who asks now waits until it is gone.
      turn = turn.then(() => end(new ModelError('ended', 'nobody asked the model for long', 'Ask again.')))
    }, idle)
    timer.unref()
  }

  async function ask<Name extends ModelProcedure>(
    directory: string,
    name: Name,
    input: AskedOfModel[Name],
    more: { signal?: AbortSignal | undefined; onPart?: (event: SpeechEvent) => void },
  ): Promise<AnswerOfModel<Name>> {
    // Before the process is looked for, which it must not be ended under, and after others may have set it.
    clearTimeout(timer)
    const { conversation } = await processOf(directory)
    clearTimeout(timer)
    try {
      return await conversation.ask(name, input, more)
    } finally {
      rest()
    }
  }

  return {
    pid: () => running?.job.pid ?? null,
    ask: (directory, name, input, signal) => ask(directory, name, input, { signal }),
    async *say(directory, input, signal) {
      const left = new AbortController()
      const events = createMailbox<SpeechEvent>()
      ask(directory, 'say', input, {
        signal: signal ? AbortSignal.any([signal, left.signal]) : left.signal,
        onPart: events.put,
      }).then(() => events.end(), events.end)
      try {
        yield* events.values()
      } finally {
        left.abort()
      }
    },
    close: async () => {
      closed = true
      await turn
      await end(new ModelError('ended', 'the app is being closed', 'Open it again.'))
    },
  }
}

function goneError({ code, signal, spawnError }: JobExit, log: string): ModelError {
  if (spawnError)
    return new ModelError('ended', `the model's process could not be started: ${spawnError}`, 'Ask again.')
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`
  return new ModelError(
    'ended',
    `the process that ran the model ${how}`,
    `Ask again: it starts anew. If it ends again, the machine may lack memory; what the process said is in ${log}.`,
  )
}
