import { createWriteStream, openSync, type WriteStream } from 'node:fs'
import type { UtilityProcess } from 'electron'
import type { Executor, JobExit } from '../jobs/executor.ts'

/** Signature of Electron's utilityProcess.fork, as far as it is used here. */
export type Fork = (
  entry: string,
  args: string[],
  options: { env: Record<string, string>; stdio: ('ignore' | 'pipe')[]; serviceName: string },
) => UtilityProcess

/** Runs training processes as Electron's utility processes, which end with the app. Their output is piped to files. */
export function utilityExecutor(fork: Fork): Executor {
  return {
    start(order, environment) {
      const stdout = appendTo(order.stdout)
      const stderr = appendTo(order.stderr)
      const child = fork(order.entry, order.arguments, {
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
        serviceName: 'UniCode Workbench training',
      })
      child.stdout?.pipe(stdout)
      child.stderr?.pipe(stderr)
      const exited = new Promise<JobExit>((resolve) => {
        child.once('exit', (code) => resolve({ code, signal: null, spawnError: null }))
      })
      return {
        /** Known once Electron has started the process. */
        get pid() {
          return child.pid
        },
        exited,
        kill() {
          // UtilityProcess.kill() asks; training processes answer by pausing, and this is for those that do not.
          if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL')
        },
      }
    },
  }
}

/** Opened at once, so that a file that cannot be opened fails the start; a disk that fills up later costs the output. */
function appendTo(path: string): WriteStream {
  const stream = createWriteStream(path, { fd: openSync(path, 'a', 0o600) })
  stream.on('error', (error) => console.error(`could not write ${path}: ${error.message}`))
  return stream
}
