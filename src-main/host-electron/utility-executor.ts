import { createWriteStream } from 'node:fs'
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
      const child = fork(order.entry, order.arguments, {
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
        serviceName: 'UniCode Workbench training',
      })
      child.stdout?.pipe(createWriteStream(order.stdout, { flags: 'a', mode: 0o600 }))
      child.stderr?.pipe(createWriteStream(order.stderr, { flags: 'a', mode: 0o600 }))
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
