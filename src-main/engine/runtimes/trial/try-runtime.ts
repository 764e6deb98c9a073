import { fork } from 'node:child_process'
import { entryFileBeside } from '../../entry-file.ts'
import type { RuntimeChoice } from '../load-runtime.ts'
import type { Trial } from './step.ts'

/** What a trial process says. */
export type TrialAnswer = { trial: Trial } | { problem: string }

export interface TrialOptions {
  /** ms until the process is ended */
  timeLimit?: number
  environment?: NodeJS.ProcessEnv
}

/** Compiling shaders for the first time takes graphics drivers their time. */
const TIME_LIMIT = 60_000

/**
 * Takes a few training steps on a runtime in a process of its own, so that a driver that crashes or hangs takes nothing
 * with it. Never throws.
 */
export async function tryRuntime(choice: RuntimeChoice, options: TrialOptions = {}): Promise<TrialAnswer> {
  const { timeLimit = TIME_LIMIT, environment = process.env } = options
  const child = fork(entryFileBeside(import.meta.url, 'trial', 'process'), [JSON.stringify(choice)], {
    // Electron's program is Node only when told so.
    env: { ...environment, ...(process.versions.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}) },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000)
  })
  return new Promise((resolve) => {
    let late = false
    let answer: TrialAnswer | undefined
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, timeLimit)
    child.once('message', (message) => {
      answer = message as TrialAnswer
    })
    child.once('error', (error) => {
      clearTimeout(timer)
      resolve({ problem: `the trial could not be started: ${error.message}` })
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (answer) resolve('problem' in answer ? { problem: withMissingFile(answer.problem, said) } : answer)
      else if (late) resolve({ problem: `a few small training steps took longer than ${timeLimit / 1000} s` })
      else resolve({ problem: `the trial crashed with ${signal ?? `exit code ${code}`}${lastWords(said)}` })
    })
  })
}

/** onnxruntime says only in its own log which library of CUDA it missed; it goes before the remedy. */
function withMissingFile(problem: string, stderr: string): string {
  const [file] = /[\w.+-]+\.so[\w.]*(?=: cannot open shared object file)/.exec(stderr) ?? []
  return file ? problem.replace(/(?=; [^;]*$)|$/, ` (no ${file})`) : problem
}

function lastWords(stderr: string): string {
  const line = stderr
    .split('\n')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .at(-1)
  return line ? `; it last said: ${line.slice(0, 200)}` : ''
}

/** Losses of five steps may differ by so much of themselves: orders of summation differ among devices. */
const TOLERANCE = 2e-3

/** What is wrong with a trial's numbers beside the processor's, or null. */
export function differenceFrom(reference: Trial, trial: Trial): string | null {
  for (const [step, expected] of reference.losses.entries()) {
    const loss = trial.losses[step] ?? Number.NaN
    // Written so that NaN counts as wrong.
    if (!(Math.abs(loss - expected) <= TOLERANCE * Math.abs(expected)))
      return `it computes wrongly: the loss at step ${step + 1} is ${loss}, and ${expected} on the processor`
  }
  return null
}
