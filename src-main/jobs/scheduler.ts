import type { ExperimentConfig } from '../../src-shared/config.ts'
import type { RunState } from '../../src-shared/events.ts'
import { clearRequest, requestOf } from './control.ts'
import { allowedEnvironment, type Executor, type Job } from './executor.ts'
import { lastSeq, type Outcome, recordExit } from './outcome.ts'
import { isAlive, type ProcessIdentity } from './process-identity.ts'
import { readRunConfig, runFiles } from './run-directory.ts'
import { runPath } from './run-id.ts'

export interface SchedulerOptions {
  executor: Executor
  /** The entry file of the training process. */
  entry: string
  runsFolder: string
  cacheFolder: string
  cores: number
  /** Runs that go at once. */
  concurrency: number
  /** Called when a run's state changes; never while the scheduler is in the middle of something. */
  onState(id: string, outcome: Outcome): void
  /** Wait before a process that does not answer a stop is killed, ms. */
  stopGrace?: number
  /** Wait before a process that died before its first event is started again, ms. */
  retryDelay?: number
}

/** Runs what is queued, in order, at most so many at once. */
export interface Scheduler {
  /** Puts a run at the end of the queue. Its directory must exist. */
  enqueue(id: string): void
  /** Takes over the process of a run that an earlier app started and that still lives. */
  adopt(id: string, identity: ProcessIdentity): void
  /** @returns the state the run is in now; a running process still takes its time to write a checkpoint */
  pause(id: string): RunState | null
  stop(id: string): RunState | null
  setConcurrency(concurrency: number): void
  concurrency(): number
  running(): string[]
  queued(): string[]
  /** Asks every process to pause and waits for them, ms at most. Queued runs stay queued. */
  close(patience?: number): Promise<void>
}

interface Running {
  job: Job | null
  killed: boolean
  seqBefore: number
  ended: Promise<void>
}

const MOST_STARTS = 3

/** Threads that a run has where so many go at once. */
export const threadsOf = ({ engine }: Pick<ExperimentConfig, 'engine'>, cores: number, concurrency: number): number =>
  engine.threads || Math.max(1, Math.floor(cores / concurrency))

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { executor, onState, stopGrace = 60_000, retryDelay = 500 } = options
  const queue: string[] = []
  const running = new Map<string, Running>()
  let concurrency = options.concurrency
  let closed = false

  const directoryOf = (id: string) => runPath(options.runsFolder, id)

  function fill(): void {
    while (!closed && running.size < concurrency && queue.length > 0) launch(queue.shift() as string)
  }

  /** Follows one run from the first start of its process to its end. */
  function launch(id: string): void {
    const directory = directoryOf(id)
    const entry: Running = { job: null, killed: false, seqBefore: 0, ended: Promise.resolve() }
    running.set(id, entry)
    entry.ended = followRun(directory, entry)
      .catch(
        (error: Error): Outcome => ({
          state: 'interrupted',
          reason: `Its process could not be started: ${error.message}`,
        }),
      )
      .then((outcome) => settle(id, outcome))
    onState(id, { state: 'running', reason: '' })
  }

  async function followRun(directory: string, entry: Running): Promise<Outcome> {
    const threads = threadsOf(readRunConfig(directory), options.cores, concurrency)
    const files = runFiles(directory)
    clearRequest(directory)
    entry.seqBefore = lastSeq(directory)
    for (let start = 1; ; start++) {
      entry.job = executor.start(
        {
          entry: options.entry,
          arguments: [directory, options.cacheFolder, String(threads)],
          stdout: files.stdout,
          stderr: files.stderr,
        },
        allowedEnvironment(process.env),
      )
      const outcome = recordExit(directory, await entry.job.exited, entry.seqBefore, entry.killed)
      const began = lastSeq(directory) > entry.seqBefore
      if (began || entry.killed || closed) return outcome
      if (start === MOST_STARTS)
        return { ...outcome, reason: `It did not come to its first step in ${MOST_STARTS} starts. ${outcome.reason}` }
      await new Promise((resolve) => setTimeout(resolve, retryDelay))
    }
  }

  function settle(id: string, outcome: Outcome): void {
    running.delete(id)
    onState(id, outcome)
    fill()
  }

  /** Takes a run out of the queue. @returns whether it was there */
  function withdraw(id: string): boolean {
    const at = queue.indexOf(id)
    if (at >= 0) queue.splice(at, 1)
    return at >= 0
  }

  return {
    enqueue(id) {
      if (queue.includes(id) || running.has(id)) return
      queue.push(id)
      // Deferred, so that many runs can be queued before the first one starts and the caller has stored them all.
      setImmediate(fill)
    },
    adopt(id, identity) {
      const directory = directoryOf(id)
      const job = foundProcess(identity)
      const entry: Running = { job, killed: false, seqBefore: 0, ended: Promise.resolve() }
      running.set(id, entry)
      entry.ended = job.exited.then((exit) => settle(id, recordExit(directory, exit, 0, entry.killed)))
    },
    pause(id) {
      if (withdraw(id)) return 'paused'
      if (!running.has(id)) return null
      requestOf(directoryOf(id), 'pause')
      return 'running'
    },
    stop(id) {
      if (withdraw(id)) return 'stopped'
      const entry = running.get(id)
      if (!entry) return null
      requestOf(directoryOf(id), 'stop')
      const timer = setTimeout(() => {
        entry.killed = true
        entry.job?.kill()
      }, stopGrace)
      void entry.ended.then(() => clearTimeout(timer))
      return 'running'
    },
    setConcurrency(count) {
      concurrency = count
      fill()
    },
    concurrency: () => concurrency,
    running: () => [...running.keys()],
    queued: () => [...queue],
    async close(patience = 5000) {
      closed = true
      for (const id of running.keys()) requestOf(directoryOf(id), 'pause')
      // Not unreferenced: where nothing else is left to wait for, the program would end here without its answer.
      let timer: NodeJS.Timeout | undefined
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, patience)
      })
      await Promise.race([Promise.all([...running.values()].map(({ ended }) => ended)), timeout])
      clearTimeout(timer)
    },
  }
}

const LOOK_EVERY_MS = 300

/** A process that this app did not start, known by its identity alone: its end is noticed by looking. */
function foundProcess(identity: ProcessIdentity): Job {
  const exited = new Promise<{ code: null; signal: null; spawnError: null }>((resolve) => {
    const timer = setInterval(() => {
      if (isAlive(identity)) return
      clearInterval(timer)
      resolve({ code: null, signal: null, spawnError: null })
    }, LOOK_EVERY_MS)
    timer.unref()
  })
  return { pid: identity.pid, exited, kill: () => process.kill(identity.pid, 'SIGKILL') }
}
