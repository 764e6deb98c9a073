import { z } from 'zod'
import { codebookEvaluationSchema, type MeasuringProgress } from '../../src-shared/codebook-evaluation.ts'
import { allowedEnvironment, type Executor, type JobExit } from './executor.ts'
import { createMailbox } from './mailbox.ts'
import { keepRunCodebook } from './measure-run-codebook.ts'
import { type EvaluationPlace, runKeptEvaluation } from './run-kept-evaluation.ts'

/** Both ends of a process that measures something of a run, answers or pictures, on request. */

/** What it is to measure. What comes of it is written where the task says, by the process. */
export const measuringTaskSchema = z.discriminatedUnion('kind', [
  /** The codebook of the newest checkpoint of a run, whose directory this is. */
  z.strictObject({ kind: z.literal('codebook'), directory: z.string().min(1), asked: codebookEvaluationSchema }),
  /** What the asked.json of a kept evaluation says, whose directory this is. */
  z.strictObject({ kind: z.literal('evaluation'), directory: z.string().min(1) }),
])
export type MeasuringTask = z.infer<typeof measuringTaskSchema>

/** What the process says. The app checks it. */
const saidSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('progress'), share: z.number(), words: z.string() }),
  z.strictObject({ kind: z.literal('done') }),
  z.strictObject({ kind: z.literal('failed'), message: z.string() }),
])
type Said = z.infer<typeof saidSchema>

/** In the process: does the task and says how it goes. */
export async function measure(
  task: MeasuringTask,
  place: Omit<EvaluationPlace, 'progress'>,
  say: (said: Said) => void,
): Promise<void> {
  const progress = (share: number, words: string) => say({ kind: 'progress', share, words })
  try {
    if (task.kind === 'codebook') await keepRunCodebook(task.directory, task.asked, { ...place, progress })
    else await runKeptEvaluation(task.directory, { ...place, progress })
    say({ kind: 'done' })
  } catch (error) {
    console.error(error instanceof Error ? error.stack : error)
    say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
}

/** What such a process is started with, and where what it writes goes. */
export interface MeasuringOrder {
  executor: Executor
  entry: string
  task: MeasuringTask
  cacheFolder: string
  threads: number
  log: string
  signal?: AbortSignal | undefined
}

/**
 * In the app: starts the process and tells what it says. It is ended when the reader goes or the signal says so.
 * @throws Error if it fails or ends before it is done; the signal's reason
 */
export async function* measuring(order: MeasuringOrder): AsyncGenerator<MeasuringProgress, void> {
  const { executor, entry, task, cacheFolder, threads, log, signal } = order
  signal?.throwIfAborted()
  const said = createMailbox<Said>()
  const job = executor.converse(
    { entry, arguments: [cacheFolder, String(threads), JSON.stringify(task)], stdout: log, stderr: log },
    allowedEnvironment(process.env),
  )
  job.onMessage((message) => {
    const parsed = saidSchema.safeParse(message)
    if (parsed.success) said.put(parsed.data)
    else said.end(new Error(`the measuring process sent what nobody expects: ${z.prettifyError(parsed.error)}`))
  })
  job.exited.then((exit) => said.end(new Error(endOf(exit, log))))
  const aborted = () => said.end(signal?.reason)
  signal?.addEventListener('abort', aborted, { once: true })
  try {
    for await (const next of said.values()) {
      signal?.throwIfAborted()
      if (next.kind === 'failed') throw new Error(next.message)
      if (next.kind === 'done') return
      yield next
    }
  } finally {
    signal?.removeEventListener('abort', aborted)
    job.kill()
    await job.exited
  }
}

const endOf = ({ code, signal, spawnError }: JobExit, log: string): string =>
  spawnError
    ? `the measuring process could not be started: ${spawnError}`
    : `the measuring process ${signal ? `was ended by ${signal}` : `ended with exit code ${code}`} before it was done; what it said is in ${log}`
