import { exit } from 'node:process'
import { measure, measuringTaskSchema } from './measuring.ts'
import { parentChannel } from './speech/parent-channel.ts'

/** The process that measures: `measure <cache directory> <threads> <task, as json>`. */

const [cacheDir, threads, task] = process.argv.slice(2)
if (!cacheDir || !(Number(threads) >= 1) || !task) {
  console.error('usage: measure <cache directory> <threads, at least 1> <task, as json>')
  exit(2)
}
const channel = parentChannel()
await measure(measuringTaskSchema.parse(JSON.parse(task)), { cacheDir, threads: Number(threads) }, (said) =>
  channel.send(said),
)
