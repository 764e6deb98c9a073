import { createWriteStream, openSync, type WriteStream } from 'node:fs'
import type { UtilityProcess } from 'electron'
import type { Executor, JobExit, JobOrder, TalkingJob } from '../jobs/executor.ts'

/** Signature of Electron's utilityProcess.fork, as far as it is used here. */
export type Fork = (
  entry: string,
  args: string[],
  options: { env: Record<string, string>; stdio: ('ignore' | 'pipe')[]; serviceName: string },
) => UtilityProcess

/** Runs processes as Electron's utility processes, which end with the app. Their output is piped to files. */
export function utilityExecutor(fork: Fork): Executor {
  const forked = (order: JobOrder, environment: Record<string, string>, serviceName: string): UtilityProcess => {
    const stdout = appendTo(order.stdout)
    const stderr = appendTo(order.stderr)
    const child = fork(order.entry, order.arguments, {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      serviceName,
    })
    child.stdout?.pipe(stdout)
    child.stderr?.pipe(stderr)
    return child
  }
  return {
    start: (order, environment) => new UtilityJob(forked(order, environment, 'UniCode Workbench training')),
    converse: (order, environment) => new UtilityJob(forked(order, environment, 'UniCode Workbench model')),
  }
}

class UtilityJob implements TalkingJob {
  readonly exited: Promise<JobExit>
  readonly #child: UtilityProcess
  constructor(child: UtilityProcess) {
    this.#child = child
    this.exited = new Promise((resolve) => {
      child.once('exit', (code) => resolve({ code, signal: null, spawnError: null }))
    })
  }
  /** Known once Electron has started the process. */
  get pid(): number | undefined {
    return this.#child.pid
  }
  kill(): void {
    // UtilityProcess.kill() asks; training processes answer by pausing, and this is for those that do not.
    if (this.#child.pid !== undefined) process.kill(this.#child.pid, 'SIGKILL')
  }
  send(message: unknown): void {
    this.#child.postMessage(message)
  }
  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', listener)
  }
}

/** Opened at once, so that a file that cannot be opened fails the start; a disk that fills up later costs the output. */
function appendTo(path: string): WriteStream {
  const stream = createWriteStream(path, { fd: openSync(path, 'a', 0o600) })
  stream.on('error', (error) => console.error(`could not write ${path}: ${error.message}`))
  return stream
}
