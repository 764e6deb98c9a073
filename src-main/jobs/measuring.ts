import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import {
  type CodebookEvaluation,
  type CodebookEvaluationEvent,
  type MeasuredCodebook,
  measuredCodebookSchema,
} from '../../src-shared/codebook-evaluation.ts'
import { writeJsonAtomic } from './atomic-file.ts'
import { readLatestCheckpoint } from './checkpoints.ts'
import { allowedEnvironment, type Executor, type JobExit } from './executor.ts'
import { measureRunCodebook } from './measure-run-codebook.ts'
import { readRunConfig, readRunTokens, runFiles } from './run-directory.ts'

/** Both ends of a process that measures the codebook of a run. */

/** What the process says. The app checks it. */
const saidSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('progress'), share: z.number(), words: z.string() }),
  z.strictObject({ kind: z.literal('measured'), measured: measuredCodebookSchema }),
  z.strictObject({ kind: z.literal('failed'), message: z.string() }),
])
type Said = z.infer<typeof saidSchema>

/**
 * In the process: measures the newest checkpoint, keeps the figures in the run's directory and tells them.
 * @param directory of the run
 */
export async function measure(
  directory: string,
  cacheDir: string,
  threads: number,
  asked: CodebookEvaluation,
  say: (said: Said) => void,
): Promise<void> {
  try {
    const checkpoint = readLatestCheckpoint(runFiles(directory).checkpoints, (message) => console.error(message))
    if (!checkpoint) throw new Error('the run has no checkpoint that can be read')
    const { cards, notMeasured } = await measureRunCodebook({
      config: readRunConfig(directory),
      tokens: readRunTokens(directory) ?? [],
      checkpoint: checkpoint.file,
      ...{ asked, cacheDir, threads },
      progress: (share, words) => say({ kind: 'progress', share, words }),
    })
    const measured: MeasuredCodebook = { step: checkpoint.step, measuredAt: Date.now(), asked, cards, notMeasured }
    const path = runFiles(directory).codebookEvaluation
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeJsonAtomic(path, measured)
    say({ kind: 'measured', measured })
  } catch (error) {
    console.error(error instanceof Error ? error.stack : error)
    say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
}

/** What such a process is started with, and where what it writes goes. */
export interface MeasuringOrder {
  executor: Executor
  entry: string
  directory: string
  cacheFolder: string
  threads: number
  asked: CodebookEvaluation
  log: string
  signal?: AbortSignal | undefined
}

/**
 * In the app: starts the process and tells what it says. It is ended when the reader goes or the signal says so.
 * @throws Error if it fails or ends before the figures are there; the signal's reason
 */
export async function* measuring(order: MeasuringOrder): AsyncGenerator<CodebookEvaluationEvent, void> {
  const { executor, entry, directory, cacheFolder, threads, asked, log, signal } = order
  signal?.throwIfAborted()
  const said: Said[] = []
  let [exit, wrong]: [JobExit | null, Error | null] = [null, null]
  let wake = () => {}
  const job = executor.converse(
    { entry, arguments: [directory, cacheFolder, String(threads), JSON.stringify(asked)], stdout: log, stderr: log },
    allowedEnvironment(process.env),
  )
  job.onMessage((message) => {
    const parsed = saidSchema.safeParse(message)
    if (parsed.success) said.push(parsed.data)
    else wrong ??= new Error(`the measuring process sent what nobody expects: ${z.prettifyError(parsed.error)}`)
    wake()
  })
  job.exited.then((how) => {
    exit = how
    wake()
  })
  const aborted = () => wake()
  signal?.addEventListener('abort', aborted, { once: true })
  try {
    for (;;) {
      signal?.throwIfAborted()
      const next = said.shift()
      if (next?.kind === 'failed') throw new Error(next.message)
      if (next) yield next
      if (next?.kind === 'measured') return
      if (next) continue
      if (wrong) throw wrong
      if (exit) throw new Error(endOf(exit, log))
      await new Promise<void>((resolve) => {
        wake = resolve
      })
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
