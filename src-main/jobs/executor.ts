import { type ChildProcess, fork, type Serializable } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

/** What is to run: one entry file with its arguments; its output goes to files, so that it outlives the app. */
export interface JobOrder {
  entry: string
  arguments: string[]
  stdout: string
  stderr: string
}

/** How a process ended: an exit code, or the signal that ended it. `spawnError` if it never began. */
export interface JobExit {
  code: number | null
  signal: string | null
  spawnError: string | null
}

/** One process. */
export interface Job {
  /** undefined if it could not be started */
  pid: number | undefined
  /** Settles once, never rejects. */
  exited: Promise<JobExit>
  kill(): void
}

/** A process that lives on and exchanges messages with this one: whatever structured clone can carry. */
export interface TalkingJob extends Job {
  /** A message to a process that has ended is lost; `exited` tells. */
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
}

/** Where processes run. The Electron host gives one over utilityProcess, tests one without processes. */
export interface Executor {
  /** A process that trains by itself and answers nobody. */
  start(order: JobOrder, environment: Record<string, string>): Job
  /** A process that answers messages; it is to end when this one does. */
  converse(order: JobOrder, environment: Record<string, string>): TalkingJob
}

/** What a process may see of the app's environment. Tokens and keys that happen to be set stay outside. */
const allowed =
  /^(PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|TMP|TEMP|SystemRoot|USERPROFILE|APPDATA|LOCALAPPDATA|XDG_\w+_HOME|XDG_RUNTIME_DIR|VK_\w+|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|CUDA_\w+|OMP_\w+|UNICODE_WORKBENCH_(TENSORFLOW|SMOLLM2))$/i

export const allowedEnvironment = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => allowed.test(entry[0]) && entry[1] !== undefined,
    ),
  )

/** Runs processes with node:child_process. Their IPC channel tells them when the app dies. */
export const localExecutor: Executor = {
  start: (order, environment) => jobOf(forked(order, environment)),
  converse(order, environment) {
    const child = forked(order, environment)
    return {
      ...jobOf(child),
      send: (message) => {
        if (child.connected) child.send(message as Serializable, () => {})
      },
      onMessage: (listener) => void child.on('message', listener),
    }
  },
}

function forked(order: JobOrder, environment: Record<string, string>): ChildProcess {
  const stdout = openSync(order.stdout, 'a', 0o600)
  const stderr = openSync(order.stderr, 'a', 0o600)
  const child = fork(order.entry, order.arguments, {
    env: environment,
    execArgv: [],
    stdio: ['ignore', stdout, stderr, 'ipc'],
    // Typed arrays travel as what they are.
    serialization: 'advanced',
  })
  closeSync(stdout)
  closeSync(stderr)
  return child
}

function jobOf(child: ChildProcess): Job {
  const exited = new Promise<JobExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal, spawnError: null }))
    child.once('error', (error) => resolve({ code: null, signal: null, spawnError: error.message }))
  })
  return { pid: child.pid, exited, kill: () => void child.kill('SIGKILL') }
}
