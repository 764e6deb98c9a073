import { readFileSync } from 'node:fs'
import type { Executor, Job, JobExit, JobOrder, TalkingJob } from '../../src-main/jobs/executor.ts'
import { runFiles } from '../../src-main/jobs/run-directory.ts'
import { openRunRecorder, type RunRecorder } from '../../src-main/jobs/run-recorder.ts'

/** A process that is none: the test writes its events and ends it. */
export interface FakeJob extends Job {
  directory: string
  threads: number
  /** What the person asked for, as the process would read it. */
  request(): unknown
  /** Writes events as the process would. */
  record(write: (recorder: RunRecorder) => void): void
  exit(exit?: Partial<JobExit>): void
  killed: boolean
}

/** A process that is none and exchanges messages: the test reads and writes them. */
export interface FakeTalkingJob extends FakeJob, TalkingJob {
  order: JobOrder
  /** What the app has sent. */
  received: unknown[]
  /** A message as the process would send it. */
  say(message: unknown): void
}

export interface FakeExecutor extends Executor {
  jobs: FakeJob[]
  talking: FakeTalkingJob[]
  environment: Record<string, string>
}

/**
 * @param onStart called for every process that trains, to let it do something by itself
 * @param onMessage called for what a process is sent that answers
 */
export function fakeExecutor(
  onStart: (job: FakeJob) => void = () => {},
  onMessage: (job: FakeTalkingJob, message: unknown) => void = () => {},
): FakeExecutor {
  const executor: FakeExecutor = {
    jobs: [],
    talking: [],
    environment: {},
    start(order: JobOrder, environment) {
      executor.environment = environment
      const job = fakeJob(order)
      executor.jobs.push(job)
      onStart(job)
      return job
    },
    converse(order, environment) {
      executor.environment = environment
      const job = fakeTalkingJob(order, onMessage)
      executor.talking.push(job)
      return job
    },
  }
  return executor
}

function fakeTalkingJob(order: JobOrder, onMessage: (job: FakeTalkingJob, message: unknown) => void): FakeTalkingJob {
  const listeners: ((message: unknown) => void)[] = []
  const job: FakeTalkingJob = Object.assign(fakeJob(order), {
    order,
    received: [] as unknown[],
    send(message: unknown) {
      job.received.push(message)
      onMessage(job, message)
    },
    onMessage: (listener: (message: unknown) => void) => void listeners.push(listener),
    say(message: unknown) {
      for (const listener of listeners) listener(message)
    },
  })
  return job
}

function fakeJob(order: JobOrder): FakeJob {
  const [directory = '', , threads] = order.arguments
  let resolve: (exit: JobExit) => void = () => {}
  const exited = new Promise<JobExit>((settle) => {
    resolve = settle
  })
  const job: FakeJob = {
    pid: 1,
    directory,
    threads: Number(threads),
    exited,
    killed: false,
    request() {
      try {
        return JSON.parse(readFileSync(runFiles(directory).control, 'utf8')).request
      } catch {
        return null
      }
    },
    record(write) {
      const recorder = openRunRecorder(directory)
      write(recorder)
      recorder.close()
    },
    exit: (exit = {}) => resolve({ code: null, signal: null, spawnError: null, ...exit }),
    kill() {
      job.killed = true
      job.exit({ signal: 'SIGKILL' })
    },
  }
  return job
}

/** Events of a short life: started, `steps` steps of two metrics, and an end unless it is left open. */
export function recordLife(
  recorder: RunRecorder,
  { from = 0, steps, end = 'finished' }: { from?: number; steps: number; end?: 'finished' | 'paused' | null },
): void {
  recorder.event({ kind: 'started', attempt: recorder.nextAttempt(), pid: 1, step: from, threads: 1 })
  for (let step = from + 1; step <= steps; step++)
    recorder.event({ kind: 'metrics', step, values: { 'loss.reconstruction': 1 / step, 'heldout.mse': 2 / step } })
  if (end) recorder.event({ kind: 'ended', state: end, step: steps, reason: '' })
}
