import { exit } from 'node:process'
import { answerRequests } from './speech/answer-requests.ts'
import { parentChannel } from './speech/parent-channel.ts'
import { runHandlers } from './speech/run-handlers.ts'

/** The process of one run's model: `speak <run directory> <cache directory> <threads>`. It reads the run and writes nothing there. */

const [directory, cacheDir, threads] = process.argv.slice(2)
if (!directory || !cacheDir || !(Number(threads) >= 1)) {
  console.error('usage: speak <run directory> <cache directory> <threads, at least 1>')
  exit(2)
}
answerRequests(parentChannel(), runHandlers(directory, cacheDir, Number(threads)))
